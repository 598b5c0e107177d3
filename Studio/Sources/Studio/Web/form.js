// Of a slot's kinds, the chosen one's settings are shown.

for (const fieldset of document.querySelectorAll('fieldset[data-slot]')) {
  const choice = document.querySelector(`select[name="${CSS.escape(fieldset.dataset.slot)}"]`);
  const update = () => { fieldset.hidden = choice.value !== fieldset.dataset.kind; };
  choice.addEventListener('change', update);
  update();
}
document.getElementById('problems')?.focus();
