// Return the mean difference in brightness of two pictures, given in base64, from 0 to 1.
async pictures => {
  const width = 128;
  const bitmaps = await Promise.all(pictures.map(text =>
    createImageBitmap(new Blob([Uint8Array.from(atob(text), one => one.charCodeAt(0))]))));
  const heights = bitmaps.map(one => Math.max(1, Math.round(width * one.height / one.width)));
  const height = Math.max(...heights);
  const [first, second] = bitmaps.map((one, index) => {
    const canvas = new OffscreenCanvas(width, height), pen = canvas.getContext('2d', {willReadFrequently: true});
    pen.fillStyle = 'white';
    pen.fillRect(0, 0, width, height);
    pen.drawImage(one, 0, 0, width, heights[index]);
    return pen.getImageData(0, 0, width, height).data;
  });
  const bright = (data, at) => 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
  let sum = 0;
  for (let at = 0; at < first.length; at += 4) sum += Math.abs(bright(first, at) - bright(second, at));
  return sum / (255 * width * height);
}
