// Looks again for what is new. What somebody is writing stays.
"use strict";
(() => {
  const parts = ["queue", "count", "log"].filter((id) => document.getElementById(id));
  if (!parts.length) return;
  const talking = document.getElementById("talking");
  if (talking) talking.scrollTop = talking.scrollHeight;
  async function look() {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.pathname, { credentials: "same-origin" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (!page.getElementById(parts[0])) {
          // It was closed, the list is empty, or the login is over.
          if (!document.querySelector("textarea")?.value) location.reload();
          return;
        }
        for (const id of parts) {
          const [here, there] = [document.getElementById(id), page.getElementById(id)];
          if (!there) continue;
          if (id === "log") {
            const isAtEnd = talking.scrollTop + talking.clientHeight >= talking.scrollHeight - 40;
            for (const line of [...there.children].slice(here.children.length)) here.append(document.importNode(line, true));
            if (isAtEnd) talking.scrollTop = talking.scrollHeight;
          } else if (here.innerHTML !== there.innerHTML) {
            here.replaceChildren(...document.importNode(there, true).childNodes);
          }
        }
      } catch {
        // The next look may reach the server again.
      }
    }
    setTimeout(look, 4000);
  }
  setTimeout(look, 4000);
  // Two taps are one: the form's key is the same, and the second is not sent.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
})();
