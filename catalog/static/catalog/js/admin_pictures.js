// Pictures in the product form: dropped or chosen several at a time, each shown before it is saved.
// Without this script the plain file fields of the rows do the same, one picture a row.

const kinds = ["image/jpeg", "image/png", "image/webp"];

function fields(group) {
  return [...group.querySelectorAll("tr:not(.empty-form) input[type=file]")];
}

function isFree(field) {
  return !field.files.length && !field.closest("tr").classList.contains("has_original");
}

function freeField(group) {
  const free = () => fields(group).find(isFree);
  if (!free()) group.querySelector(".add-row a")?.click();
  return free();
}

function position(row) {
  return row.querySelector("input[name$='-position']");
}

// Dropped pictures line up behind those that are there.
function nextPosition(group) {
  const taken = fields(group).filter(field => !isFree(field)).map(field => Number(position(field.closest("tr")).value));
  return Math.max(-1, ...taken) + 1;
}

function showPreview(field) {
  const cell = field.closest("tr").querySelector(".field-preview");
  const [file] = field.files;
  if (!cell || !file) return;
  const picture = Object.assign(new Image(96, 96), {className: "picture-preview", alt: file.name});
  picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), {once: true});
  // A file that is no picture is refused with a reason by the server; here it merely has no preview.
  picture.addEventListener("error", () => { URL.revokeObjectURL(picture.src); picture.replaceWith(file.name); }, {once: true});
  picture.src = URL.createObjectURL(file);
  cell.replaceChildren(picture);
}

function add(group, files) {
  let added = 0;
  for (const file of [...files].filter(candidate => kinds.includes(candidate.type))) {
    const place = nextPosition(group);
    const field = freeField(group);
    if (!field) break;
    const carrier = new DataTransfer();
    carrier.items.add(file);
    field.files = carrier.files;
    position(field.closest("tr")).value = place;
    showPreview(field);
    added += 1;
  }
  return added;
}

function buildZone(group, words) {
  const zone = Object.assign(document.createElement("div"), {className: "picture-drop"});
  const chooser = Object.assign(document.createElement("input"), {type: "file", multiple: true, accept: kinds, hidden: true});
  const button = Object.assign(document.createElement("button"), {type: "button", className: "button", textContent: words.dropChoose});
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  const hint = Object.assign(document.createElement("p"), {textContent: words.dropHint});
  const take = files => {
    const added = add(group, files);
    const said = [`${words.dropAdded} ${added}`];
    if (added < files.length) said.push(`${words.dropRefused} ${files.length - added}`);
    status.textContent = said.join(" · ");
  };
  button.addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => { take(chooser.files); chooser.value = ""; });
  zone.addEventListener("dragover", () => zone.classList.add("picture-drop--over"));
  zone.addEventListener("dragleave", () => zone.classList.remove("picture-drop--over"));
  zone.addEventListener("drop", event => {
    zone.classList.remove("picture-drop--over");
    take(event.dataTransfer.files);
  });
  zone.append(hint, button, chooser, status);
  return zone;
}

// A picture that misses the zone must not replace the page with itself and lose what was typed.
function keepPage(event) {
  const isOwn = event.target instanceof HTMLInputElement && event.target.type === "file";
  if (event.dataTransfer?.types.includes("Files") && !isOwn) event.preventDefault();
}

function start() {
  const group = document.getElementById("images-group");
  const words = group?.querySelector("input[type=file]")?.dataset;
  if (!words?.dropHint) return;
  group.querySelector(".inline-related").before(buildZone(group, words));
  group.addEventListener("change", event => {
    if (event.target.matches("tr input[type=file]")) showPreview(event.target);
  });
  window.addEventListener("dragover", keepPage);
  window.addEventListener("drop", keepPage);
}

document.addEventListener("DOMContentLoaded", start);
