// The search: every word of the query must be the start of a word of the entry. Titles count more than other text.
(function () {
  "use strict";
  var box = document.getElementById("search");
  var input = document.getElementById("query");
  var list = document.getElementById("results");
  var count = document.getElementById("count");
  if (!box || !window.atlasSearch) return;
  box.hidden = false;
  var most = 60;

  function fold(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  }
  function separated(text) {
    return " " + fold(text).replace(/[^\p{L}\p{N}.]+/gu, " ") + " ";
  }

  var entries = window.atlasSearch.map(function (entry, index) {
    return {
      kind: entry[0], title: entry[1], text: entry[2], link: entry[3], index: index,
      name: separated(entry[1]), words: separated(entry[2] + " " + entry[0])
    };
  });

  function score(entry, words) {
    var total = 0;
    for (var i = 0; i < words.length; i++) {
      var word = words[i];
      if (entry.name.indexOf(" " + word + " ") >= 0) total += 12;
      else if (entry.name.indexOf(" " + word) >= 0) total += 8;
      else if (entry.words.indexOf(" " + word + " ") >= 0) total += 4;
      else if (entry.words.indexOf(" " + word) >= 0) total += 2;
      else return 0;
    }
    return total;
  }

  /// The part of the text that contains the first word that was found.
  function excerpt(entry, words) {
    var parts = entry.text.split(" · ");
    for (var i = 0; i < parts.length; i++) {
      var part = separated(parts[i]);
      if (words.some(function (word) { return part.indexOf(" " + word) >= 0; })) return parts[i].slice(0, 160);
    }
    return parts[0].slice(0, 160);
  }

  function item(entry, words) {
    var line = document.createElement("li");
    var link = document.createElement("a");
    link.href = entry.link;
    link.textContent = entry.title;
    var kind = document.createElement("span");
    kind.className = "small";
    kind.textContent = entry.kind;
    line.append(link, " ", kind);
    var text = excerpt(entry, words);
    if (text) {
      var more = document.createElement("p");
      more.textContent = text;
      line.append(more);
    }
    return line;
  }

  function show() {
    var words = separated(input.value).trim().split(" ").filter(Boolean);
    list.textContent = "";
    if (!words.length) {
      count.textContent = entries.length + " entries";
      return;
    }
    var found = entries
      .map(function (entry) { return { entry: entry, score: score(entry, words) }; })
      .filter(function (hit) { return hit.score > 0; })
      .sort(function (a, b) { return b.score - a.score || a.entry.index - b.entry.index; });
    count.textContent = found.length + (found.length === 1 ? " entry" : " entries")
      + (found.length > most ? ", the first " + most + " of them:" : "");
    found.slice(0, most).forEach(function (hit) { list.append(item(hit.entry, words)); });
  }

  function keepInAddress() {
    try {
      var url = new URL(location.href);
      if (input.value) url.searchParams.set("q", input.value);
      else url.searchParams.delete("q");
      history.replaceState(null, "", url.href);
    } catch (error) { /* some browsers cannot change the address of a file */ }
  }

  function move(step) {
    var links = Array.prototype.slice.call(list.querySelectorAll("a"));
    var at = links.indexOf(document.activeElement) + step;
    if (at < 0) input.focus();
    else if (links[at]) links[at].focus();
  }

  box.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown") { move(1); event.preventDefault(); }
    else if (event.key === "ArrowUp") { move(-1); event.preventDefault(); }
    else if (event.key === "Enter" && document.activeElement === input) {
      var first = list.querySelector("a");
      if (first) first.click();
    }
  });
  input.addEventListener("input", function () { show(); keepInAddress(); });
  input.value = new URLSearchParams(location.search).get("q") || "";
  show();
  input.focus();
})();
