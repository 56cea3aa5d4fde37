// Milliseconds from the request of the page: the document was read, the page was loaded, something was painted.
(() => {
  const [page] = performance.getEntriesByType('navigation');
  const times = {documentMs: page?.domContentLoadedEventEnd, loadMs: page?.loadEventEnd};
  for (const one of performance.getEntriesByType('paint')) {
    times[one.name === 'first-paint' ? 'firstPaintMs' : 'firstContentMs'] = one.startTime;
  }
  return Object.fromEntries(Object.entries(times).filter(([, at]) => at > 0).map(([name, at]) => [name, Math.round(at)]));
})()
