// What the pages do a little better with a script. Without it every button still does the same.
import { initAll } from "./vendor/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

const PAUSE = 500; // milliseconds after the last key before the words are judged
const LOOK_AGAIN = 2000; // milliseconds between two looks at deliveries on their way

// While words are written: each text's length as its platform counts, and the decision on it.
const form = document.querySelector("form[data-preview]:not([data-preview=''])");
if (form) {
  let timer;
  let asked = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(preview, PAUSE);
  });
  async function preview() {
    const mine = ++asked;
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (mine !== asked) return;
    if (!answer || !answer.ok || answer.redirected) return unchecked();
    for (const variant of (await answer.json()).variants) {
      const section = form.querySelector(`[data-platform="${variant.platform}"]`);
      section.querySelector("[data-decision]").innerHTML = variant.decision;
      const filled = [...section.querySelectorAll("textarea")].filter((each) => each.value.trim());
      variant.parts.forEach((part, number) => show(filled[number], part));
    }
  }
  // A decision on other words than these must not stand beside them.
  function unchecked() {
    for (const decision of form.querySelectorAll("[data-decision]")) {
      decision.textContent = "These words are not checked: no answer came. Press “Check”.";
    }
  }
  function show(textarea, part) {
    const count = textarea.closest(".govuk-form-group").querySelector(".eng-count");
    count.textContent = `${part.used.toLocaleString("en-GB")} of ${part.limit.toLocaleString("en-GB")} characters${part.fits ? "" : ": too long"}`;
    count.classList.toggle("eng-count--over", !part.fits);
  }
}

// While deliveries are on their way: where each is now.
const followed = document.querySelector("[data-follow]");
if (followed) {
  const look = async () => {
    const answer = await fetch(followed.dataset.follow).catch(() => null);
    if (answer && answer.ok && !answer.redirected) followed.innerHTML = await answer.text();
    if (followed.querySelector("[data-moving='yes']")) setTimeout(look, LOOK_AGAIN);
  };
  if (followed.querySelector("[data-moving='yes']")) setTimeout(look, LOOK_AGAIN);
}
