// Looks again for what is new on the pages of today and of runs, which show what is going on.
"use strict";
(() => {
  const wait = 10000;
  async function look() {
    const here = document.getElementById("live");
    if (!here) return;
    if (!document.hidden && !here.contains(document.activeElement)) {
      try {
        const answer = await fetch(location.href, { credentials: "same-origin" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const there = page.getElementById("live");
        // The login is over, or the page is gone: what is there is shown as it is.
        if (!there) return location.reload();
        if (here.innerHTML !== there.innerHTML) here.replaceChildren(...document.importNode(there, true).childNodes);
      } catch {
        // The next look may reach the server again.
      }
    }
    setTimeout(look, wait);
  }
  if (document.getElementById("live")) setTimeout(look, wait);
  // The moments of an account are pulled along, too: the slider stands for the list beside it, from the oldest to now.
  const moments = document.getElementById("as_of");
  if (moments && moments.options.length > 1) {
    const slider = document.createElement("input");
    const last = moments.options.length - 1;
    Object.assign(slider, { type: "range", min: 0, max: last, value: last - moments.selectedIndex });
    slider.setAttribute("aria-label", moments.labels[0].textContent);
    const say = () => slider.setAttribute("aria-valuetext", moments.options[moments.selectedIndex].text);
    slider.addEventListener("input", () => { moments.selectedIndex = last - slider.value; say(); });
    slider.addEventListener("change", () => moments.form.submit());
    moments.addEventListener("change", () => { slider.value = last - moments.selectedIndex; say(); });
    say();
    moments.before(slider);
  }
  // The line of a mapping file that the page was asked for is chosen, and seen.
  const file = document.querySelector("textarea[data-line]");
  if (file) {
    const lines = file.value.split("\n");
    const wanted = Number(file.dataset.line) - 1;
    const start = lines.slice(0, wanted).join("\n").length + (wanted ? 1 : 0);
    file.setSelectionRange(start, start + (lines[wanted] || "").length);
    file.focus({ preventScroll: true });
    file.scrollTop = (file.scrollHeight / lines.length) * Math.max(0, wanted - 5);
  }
  // Two taps are one.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    if (form.method === "post") form.dataset.sent = "1";
  });
})();
