"""Settings of replicas: further stores that get a copy of each object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, model_validator

from config.files.document import Loc
from config.groups.group import Group
from config.groups.service import S3
from config.names import check_names

_RESERVED = ("store", "spool")


class Replica(Group):
    """A further store, written like the first one."""

    store: str
    """Where the copies are stored: s3, or a path."""
    s3: S3 = S3()
    """The bucket, for `store: s3`."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if "://" in self.store or (self.store != "s3" and "/" not in self.store):
            raise ValueError(f"{self.store!r} is not a store; use s3, with s3.bucket, or a path that contains a /")
        if self.store == "s3" and not self.s3.bucket:
            raise ValueError("store is s3, but no bucket is set; set s3.bucket of the replica")
        return self


def _written(value: Any) -> Any:
    return {"store": value} if isinstance(value, str) else value


def _names(replicas: Mapping[str, Replica]) -> Mapping[str, Replica]:
    check_names("replica", replicas, _RESERVED)
    return replicas


Replicas = Annotated[Mapping[str, Annotated[Replica, BeforeValidator(_written)]], AfterValidator(_names)]


def secrets_of_replicas(data: Mapping[str, Any]) -> Iterator[Loc]:
    """Yield the places of the secrets of replicas in a layer of settings: each can be in a file."""
    replicas = data.get("replicas")
    for name in replicas if isinstance(replicas, Mapping) else ():
        yield from (("replicas", name, "s3", "access_key"), ("replicas", name, "s3", "secret_key"))
