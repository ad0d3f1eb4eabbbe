// Fetches only what is new. Everything on the page works without it, by its forms.
"use strict";
(() => {
  const log = document.getElementById("log");
  const say = document.getElementById("say");
  const words = document.getElementById("words");
  let isSending = false;
  let pause = 4000;

  const last = () => Number(log.lastElementChild?.dataset.number ?? 0);

  function take(text) {
    const part = new DOMParser().parseFromString(text, "text/html");
    const known = last();
    let isNew = false;
    for (const line of [...part.querySelectorAll("#log > li")]) {
      if (Number(line.dataset.number) > known) {
        log.append(document.importNode(line, true));
        isNew = true;
      }
    }
    for (const id of ["standing", "note"]) {
      const [there, here] = [part.getElementById(id), document.getElementById(id)];
      if (!there || !here) continue;
      if (here.textContent !== there.textContent) here.textContent = there.textContent;
      if (there.dataset.holder) here.dataset.holder = there.dataset.holder;
    }
    const key = part.querySelector("#say input[name=key]");
    if (key) say.elements.key.value = key.value;
    const field = part.getElementById("words");
    if (field) words.inputMode = field.getAttribute("inputmode") ?? "text";
    if (isNew) log.lastElementChild.scrollIntoView({ block: "nearest" });
    return isNew;
  }

  function note(text) { document.getElementById("note").textContent = text; }

  async function send(form, submitter) {
    if (isSending) return;
    isSending = true;
    const data = new URLSearchParams(new FormData(form, submitter));
    data.set("part", "1");
    document.body.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, credentials: "same-origin" });
      if (answer.status === 403) {
        note("这一页已经过期了,请重新打开本页。");
        return;
      }
      take(await answer.text());
      if (answer.ok && form === say) words.value = "";
      pause = 4000;
    } catch {
      // The same key goes with the next try: said once, however often it is sent.
      note("网络不通,没有发出去。请检查网络后再点一次。");
    } finally {
      isSending = false;
      document.body.removeAttribute("aria-busy");
      if (form === say) words.focus();
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form !== say && !form.classList.contains("choices")) return;
    event.preventDefault();
    send(form, event.submitter);
  });

  const photo = document.getElementById("photo");
  if (photo) {
    document.getElementById("photos").hidden = false;
    photo.addEventListener("change", async () => {
      const file = photo.files[0];
      if (!file || isSending) return;
      isSending = true;
      document.body.setAttribute("aria-busy", "true");
      note("照片正在发送…");
      try {
        const answer = await fetch("/chat/photo", {
          method: "POST", body: file, credentials: "same-origin",
          headers: {
            "Content-Type": file.type || "application/octet-stream",
            "X-Form-Token": say.elements.token.value, "X-Form-Key": say.elements.key.value,
          },
        });
        if (answer.status === 403) note("这一页已经过期了,请重新打开本页。");
        else if (answer.headers.get("content-type")?.startsWith("text/html")) take(await answer.text());
        else if (answer.status === 503) note("现在发照片的人很多,请过一会儿再发。");
        else note(answer.status === 413 ? "照片太大了,请拍小一点的再发。" : "照片没有发出去,请发 JPG、PNG 照片或 MP4 视频。");
      } catch {
        note("网络不通,照片没有发出去。请检查网络后再发一次。");
      } finally {
        isSending = false;
        photo.value = "";
        document.body.removeAttribute("aria-busy");
      }
    });
  }

  async function look() {
    if (!document.hidden && !isSending) {
      try {
        const answer = await fetch("/chat/news?after=" + last(), { credentials: "same-origin" });
        if (answer.ok && !isSending) pause = take(await answer.text()) ? 2000 : Math.min(pause + 1000, 15000);
        const holder = document.getElementById("standing").dataset.holder;
        if (holder !== "assistant") pause = Math.min(pause, 3000);
      } catch {
        pause = 15000;
      }
    }
    setTimeout(look, pause);
  }
  setTimeout(look, pause);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) pause = 1000; });
  log.lastElementChild?.scrollIntoView({ block: "nearest" });
})();
