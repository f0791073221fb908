// Reload when something was saved, keep the place on the page, and fetch what a page of the preview asks for.
const events = new EventSource("/_preview/events");
let seen = null;
events.addEventListener("version", ({ data }) => {
  if (seen !== null && data !== seen) location.reload();
  seen = data;
});
for (const place of document.querySelectorAll("[data-load]")) {
  fetch(place.dataset.load)
    .then((answer) => answer.text())
    .then((html) => { place.innerHTML = html; });
}
// A page in a frame has the bar around it already.
if (window.top !== window) document.querySelector(".preview-bar")?.remove();
addEventListener("pagehide", () => events.close());
