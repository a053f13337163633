// The gallery's script: stars without a reload, how many are chosen, arrow keys. Without it all works too.
const form = document.getElementById("gallery");
const boxes = () => [...form.querySelectorAll("[name=picture][type=checkbox]")];

form?.addEventListener("submit", async (event) => {
  const star = event.submitter;
  if (star?.name !== "star") return;
  event.preventDefault();
  const data = new FormData(form, star);
  data.delete("picture");
  star.disabled = true;
  try {
    const response = await fetch("/gallery", { method: "POST", body: new URLSearchParams(data), headers: { Accept: "application/json" } });
    const told = await response.json();
    if (response.ok) star.setAttribute("aria-pressed", String(told.favourite));
    else location.reload();
  } catch {
    location.reload();
  }
  star.disabled = false;
  star.focus();
});

const chosen = document.getElementById("chosen");
if (chosen) {
  const count = () => {
    const picked = boxes().filter((box) => box.checked).length;
    chosen.textContent = picked ? chosen.dataset.text.replace("%", picked) : "";
  };
  const all = document.getElementById("all");
  all.hidden = false;
  all.addEventListener("click", () => {
    boxes().forEach((box) => (box.checked = true));
    count();
  });
  form.addEventListener("change", count);
  form.addEventListener("keydown", (event) => event.key === "Enter" && event.target.type === "checkbox" && event.preventDefault());
  form.addEventListener("reset", () => setTimeout(count));
  // A page that comes back out of the browser's memory brings its ticks along.
  addEventListener("pageshow", count);
  count();
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, summary")) return;
  const way = { ArrowLeft: "prev", ArrowRight: "next", Escape: "up" }[event.key];
  const link = way && document.querySelector(`main a[rel=${way}]`);
  if (link) location.href = link.href;
});

const gone = (image) => image.closest(".shown, .large")?.classList.add("gone");
document.querySelectorAll("main img").forEach((image) => {
  if (image.complete && !image.naturalWidth) gone(image);
  image.addEventListener("error", () => gone(image));
});
