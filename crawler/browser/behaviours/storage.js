// Before any script of the page: what a person's login left in the storage of this origin is there again.
all => {
  try {
    for (const [name, value] of Object.entries(all[location.origin] ?? {})) {
      if (localStorage.getItem(name) === null) localStorage.setItem(name, value);
    }
  } catch {
    // This frame has no storage.
  }
}
