// Presses go by fetch, so that no page with a customer's data lies in the browser's history. When nobody presses anything the first
// screen stands there again, with or without a network.
"use strict";
(() => {
  const idle = Number(document.querySelector("meta[name=hearth-idle]").content) * 1000;
  const note = document.getElementById("note");
  let timer;
  let isSending = false;
  let sound;
  let generation = 0;

  const screen = () => document.getElementById("screen");

  function quiet() {
    if (window.speechSynthesis) speechSynthesis.cancel();
    if (sound) {
      sound.pause();
      URL.revokeObjectURL(sound.src);
      sound = undefined;
    }
  }

  async function readAloud() {
    quiet();
    const { say, signed } = screen().dataset;
    if (!say) return;
    const voice = window.speechSynthesis?.getVoices().find((one) => one.lang.startsWith("zh"));
    if (voice) {
      const words = new SpeechSynthesisUtterance(say);
      words.voice = voice;
      words.lang = "zh-CN";
      words.rate = 0.85;
      speechSynthesis.speak(words);
      return;
    }
    if (!signed) return;
    const mine = generation;
    try {
      const answer = await fetch("/kiosk/say", { method: "POST", body: new URLSearchParams({ say: signed }), credentials: "same-origin" });
      if (!answer.ok) return;
      const blob = await answer.blob();
      // Whoever has pressed meanwhile hears the next screen.
      if (mine !== generation) return;
      sound = new Audio(URL.createObjectURL(blob));
      await sound.play();
    } catch {
      // What cannot be heard can be read.
    }
  }

  function show(main) {
    generation += 1;
    screen().replaceWith(main);
    for (const again of document.querySelectorAll(".again")) again.hidden = false;
    window.scrollTo(0, 0);
    document.getElementById("digits")?.focus();
  }

  function clear() {
    quiet();
    note.textContent = "";
    show(document.importNode(document.getElementById("first").content, true).firstElementChild);
    for (const field of document.querySelectorAll("input:not([type=hidden])")) field.value = "";
  }

  // It is counted from the last press, also while an answer is awaited.
  function touched() {
    clearTimeout(timer);
    timer = setTimeout(() => { clear(); renew(); }, idle);
  }

  // A new visit's name and forms, where the server can be reached.
  async function renew() {
    const mine = generation;
    try {
      const answer = await fetch("/kiosk", { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== generation) return;
      const [first, main] = [page.getElementById("first"), page.getElementById("screen")];
      if (!first || !main) return;
      document.getElementById("first").replaceWith(document.importNode(first, true));
      show(document.importNode(main, true));
    } catch {
      // The first screen stands there already.
    }
  }

  async function send(form, submitter) {
    if (isSending) return;
    isSending = true;
    note.textContent = "";
    const mine = generation;
    const data = new URLSearchParams(new FormData(form, submitter));
    data.set("part", "1");
    try {
      const answer = await fetch("/kiosk", { method: "POST", body: data, credentials: "same-origin" });
      const main = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("screen");
      // It was cleared while this was under way: what comes now is nobody's.
      if (mine !== generation) return;
      if (!main) throw new Error("no screen");
      show(document.importNode(main, true));
      readAloud();
      if (answer.status === 403 || answer.status === 400) renew();
    } catch {
      if (mine === generation) note.textContent = "网络不通,请再按一次,或者找旁边的工作人员。";
    } finally {
      isSending = false;
    }
  }

  document.addEventListener("submit", (event) => {
    event.preventDefault();
    touched();
    send(event.target, event.submitter);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const field = document.getElementById("digits");
    if (field && button.dataset.digit) field.value += button.dataset.digit;
    if (field && "back" in button.dataset) field.value = field.value.slice(0, -1);
    if (button.classList.contains("again")) readAloud();
  });
  document.addEventListener("keydown", (event) => {
    const field = document.getElementById("digits");
    if (field && event.key === "#") {
      event.preventDefault();
      field.form.requestSubmit(field.form.querySelector(".done"));
    }
  });
  for (const kind of ["pointerdown", "keydown", "touchstart"]) document.addEventListener(kind, touched, { passive: true });
  // A page that comes out of the browser's memory shows nothing of anybody.
  window.addEventListener("pageshow", (event) => { if (event.persisted) { clear(); renew(); } });
  window.addEventListener("pagehide", clear);
  history.replaceState(null, "", "/kiosk");
  for (const again of document.querySelectorAll(".again")) again.hidden = false;
  touched();
})();
