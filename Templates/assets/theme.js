// Applies the reader's choice of light or dark before anything is drawn.
//
// The choice comes from the address (links of this atlas include it, for browsers that share no storage between files),
// otherwise from storage, otherwise from the name of the window; without a choice the system's setting applies.
(function () {
  "use strict";
  var known = { light: true, dark: true };
  var chosen = null;
  function consider(value) {
    if (!chosen && known[value] === true) chosen = value;
  }
  var match = /[?&]theme=(light|dark)(?=&|$)/.exec(location.search);
  if (match) consider(match[1]);
  try { consider(localStorage.getItem("atlas-theme")); } catch (error) { /* files may not read storage */ }
  if (window.name.indexOf("atlas-theme:") === 0) consider(window.name.slice(12));

  function keep(value) {
    chosen = value;
    document.documentElement.setAttribute("data-theme", value);
    window.name = "atlas-theme:" + value;
    try { localStorage.setItem("atlas-theme", value); } catch (error) { /* the address has it */ }
  }
  if (chosen) keep(chosen);
  // An address that is copied does not carry the choice to others, and a reload does not bring it back.
  if (match) {
    try {
      var url = new URL(location.href);
      url.searchParams.delete("theme");
      history.replaceState(null, "", url.href);
    } catch (error) { /* some browsers cannot change the address of a file */ }
  }
  window.atlasTheme = { get: function () { return chosen; }, set: keep };
})();
