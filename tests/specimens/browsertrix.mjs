// Keeps pages of a site with the package that Browsertrix and ArchiveWeb.page write their WARCs with, in the shape that
// theirs have: bodies decoded and the headers of their codings renamed, answer before request, a record about each page,
// digests in SHA-256, a revisit for what was seen before.
//
//   node browsertrix.mjs SITE FILE PAGE...     (warcio in the node_modules beside the working directory)

import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const found = createRequire(`${process.cwd()}/`).resolve("warcio");
const { WARCRecord, WARCSerializer } = await import(pathToFileURL(found));

const [site, file, ...pages] = process.argv.slice(2);
const warcVersion = "WARC/1.1";
const out = createWriteStream(file);
const seen = new Map();
const CODINGS = ["content-encoding", "transfer-encoding", "content-length"];

async function write(record) {
  out.write(await WARCSerializer.serialize(record, { gzip: true, digest: { algo: "sha-256", prefix: "sha256:" } }));
}

async function* once_only(body) {
  yield body;
}

function renamed(headers) {
  return Object.fromEntries([...headers].map(([name, value]) => [CODINGS.includes(name) ? `x-orig-${name}` : name, value]));
}

async function keep(url, number) {
  const answer = await fetch(url);
  const body = new Uint8Array(await answer.arrayBuffer());
  const date = new Date(Date.UTC(2026, 0, 2, 3, 4, number, 567)).toISOString();
  const hash = createHash("sha256").update(body).digest("hex");
  const first = seen.get(hash);
  const options = {
    url, date, warcVersion, type: first ? "revisit" : "response",
    statusline: `HTTP/1.1 ${answer.status} ${answer.statusText}`,
    httpHeaders: renamed(answer.headers),
    warcHeaders: {
      "WARC-Page-ID": `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`, "WARC-Resource-Type": "document",
      "WARC-JSON-Metadata": JSON.stringify({ ipType: "Public", cert: { issuer: "none", ctc: "0" } }),
      ...(first ? { "WARC-Payload-Digest": `sha256:${hash}` } : {}),
    },
    ...(first ? { refersToUrl: first.url, refersToDate: first.date } : {}),
  };
  const response = WARCRecord.create(options, once_only(first ? new Uint8Array() : body));
  await write(response);
  const concurrent = { "WARC-Concurrent-To": response.warcHeader("WARC-Record-ID") };
  await write(WARCRecord.create({
    url, date, warcVersion, type: "request", statusline: `GET ${new URL(url).pathname} HTTP/1.1`,
    httpHeaders: { "User-Agent": "a browser" }, warcHeaders: concurrent,
  }, once_only(new Uint8Array())));
  await write(WARCRecord.create({
    url: `urn:pageinfo:${url}`, date, warcVersion, type: "resource", warcHeaders: { "Content-Type": "application/json" },
  }, once_only(new TextEncoder().encode(JSON.stringify({ urls: { [url]: { status: answer.status } } })))));
  if (!first) seen.set(hash, { url, date });
}

await write(WARCRecord.createWARCInfo({ filename: file, warcVersion }, { software: "warcio.js", format: "WARC File Format 1.1" }));
for (const [number, page] of pages.entries()) await keep(site + page, number);
out.end();
await once(out, "finish");
