"use strict";
/* A table wider than its window scrolls sideways: the keyboard must reach it (WCAG 2.2, 2.1.1).
   Only such a table becomes a stop of the Tab key. Chromium and Firefox do this by themselves;
   this is for the browsers that do not. */
function reach() {
  for (const wrap of document.querySelectorAll(".table-wrap")) {
    const wide = wrap.scrollWidth > wrap.clientWidth;
    if (wide && !wrap.hasAttribute("tabindex")) {
      const caption = wrap.querySelector("caption");
      wrap.tabIndex = 0;
      wrap.setAttribute("role", "group");
      wrap.setAttribute("aria-label", caption ? caption.textContent.trim() : "Table");
      wrap.dataset.reached = "";
    } else if (!wide && "reached" in wrap.dataset) {
      for (const name of ["tabindex", "role", "aria-label", "data-reached"]) wrap.removeAttribute(name);
    }
  }
}
addEventListener("load", reach);
addEventListener("resize", reach);
document.addEventListener("htmx:afterSettle", reach);
document.addEventListener("toggle", reach, true);
