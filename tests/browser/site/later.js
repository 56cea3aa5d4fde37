export default () => {
  const worker = new Worker("http://kept.example/worker.js");
  worker.onmessage = ({ data }) => { document.body.dataset.worker = data; };
  const image = document.createElement("img");
  image.id = "made";
  image.setAttribute("src", "http://cdn.example/picture.png");
  document.body.append(image);
  document.body.insertAdjacentHTML("beforeend", "<img id=written src='http://cdn.example/picture.png?written'>");
};
