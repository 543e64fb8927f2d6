"use strict";

// Tables sort by the column whose head is pressed; numbers by value, largest
// first, and what is not defined goes last.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.classList.contains("plain")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => sortBy(body, heads, head, column));
  });
}

function sortBy(body, heads, head, column) {
  const numeric = head.classList.contains("number");
  const first = numeric ? "descending" : "ascending";
  const second = numeric ? "ascending" : "descending";
  const order = head.getAttribute("aria-sort") === first ? second : first;
  const sign = order === "ascending" ? 1 : -1;
  heads.forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", order);
  const rows = [...body.rows].map((row) => {
    const text = row.cells[column].textContent.trim();
    return { row, text, value: parseFloat(text) };
  });
  rows.sort((a, b) => {
    if (!numeric) return sign * a.text.localeCompare(b.text);
    if (isNaN(a.value) || isNaN(b.value)) return isNaN(a.value) - isNaN(b.value);
    return sign * (a.value - b.value);
  });
  body.append(...rows.map((entry) => entry.row));
}

// Wrong prompts are filtered by words anywhere in them and by kind.
for (const filters of document.querySelectorAll(".filters")) {
  const articles = [...filters.nextElementSibling.children];
  const search = filters.querySelector("input[type=search]");
  const boxes = [...filters.querySelectorAll("input[type=checkbox]")];
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kinds = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    for (const article of articles) {
      const text = article.textContent.toLowerCase();
      article.hidden = !kinds.has(article.dataset.kind) || !words.every((word) => text.includes(word));
    }
  };
  filters.addEventListener("input", apply);
}
