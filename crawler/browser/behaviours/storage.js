// Before any script of a frame of this origin: it finds the items that the login left in its storage.
(origin, items) => {
  if (self.origin !== origin) return;
  try {
    for (const [name, value] of Object.entries(items)) {
      if (localStorage.getItem(name) === null) localStorage.setItem(name, value);
    }
  } catch {
    // This frame has no storage.
  }
}
