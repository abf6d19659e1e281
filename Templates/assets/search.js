// The search: every word of the query must be the start of a word of the entry, or one letter away from a word of it. Titles
// count more than other text, and of heads those with more evidence for the property that is asked for come first.
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
      name: separated(entry[1]), words: separated(entry[2] + " " + entry[0]),
      evidence: (entry[4] || []).map(function (found) { return [separated(found[0]), found[1], found[0]]; })
    };
  });

  /// Whether two words differ by one letter at most: one more, one less, another, or two that are exchanged.
  function isNear(a, b) {
    if (Math.abs(a.length - b.length) > 1) return false;
    var start = 0, end = 0, least = Math.min(a.length, b.length);
    while (start < least && a[start] === b[start]) start++;
    while (end < least - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
    var left = a.slice(start, a.length - end), right = b.slice(start, b.length - end);
    return left.length <= 1 && right.length <= 1 || left.length === 2 && left === right[1] + right[0];
  }

  function hasNear(text, word) {
    return word.length > 3 && text.split(" ").some(function (other) { return isNear(word, other); });
  }

  /// Words that say nothing, and the ways to write a head's name: L5H1, l05.h01 and 5.1 are L5.H1.
  var empty = " a an and at by in is of on or that the to with ";
  function wordsOf(query) {
    var words = separated(query).trim().split(" ").filter(Boolean).map(function (word) {
      var head = word.match(/^l?0*(\d+)(?:\.h?|h)0*(\d+)$/);
      return head ? "l" + head[1] + ".h" + head[2] : word;
    });
    var telling = words.filter(function (word) { return empty.indexOf(" " + word + " ") < 0; });
    return telling.length ? telling : words;
  }

  /// The share of a head beyond chance of the property that a word names.
  function evidence(entry, word) {
    var found = 0;
    entry.evidence.forEach(function (known) {
      if (known[0].indexOf(" " + word) >= 0 || hasNear(known[0], word)) found = Math.max(found, known[1]);
    });
    return found;
  }

  function score(entry, words) {
    var total = 0;
    for (var i = 0; i < words.length; i++) {
      var word = words[i], weight = evidence(entry, word);
      if (weight) total += 20 * weight + 4;
      else if (entry.name.indexOf(" " + word + " ") >= 0) total += 12;
      else if (entry.name.indexOf(" " + word) >= 0) total += 8;
      else if (entry.words.indexOf(" " + word + " ") >= 0) total += 4;
      else if (entry.words.indexOf(" " + word) >= 0) total += 2;
      else if (hasNear(entry.name, word)) total += 6;
      else if (hasNear(entry.words, word)) total += 1;
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

  /// How much evidence a head has for what was asked.
  function reason(entry, words) {
    var named = entry.evidence.filter(function (known) {
      return words.some(function (word) { return known[0].indexOf(" " + word) >= 0 || hasNear(known[0], word); });
    });
    return named.map(function (known) {
      return known[2] + ": " + Math.round(known[1] * 100) + " % of what it writes, beyond chance";
    }).join("; ");
  }

  /// How many of each kind were found.
  function counts(found) {
    var kinds = {};
    found.forEach(function (hit) { kinds[hit.entry.kind] = (kinds[hit.entry.kind] || 0) + 1; });
    return Object.keys(kinds).map(function (kind) { return kind + " " + kinds[kind]; }).join(", ");
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
    var text = reason(entry, words) || excerpt(entry, words);
    if (text) {
      var more = document.createElement("p");
      more.textContent = text;
      line.append(more);
    }
    return line;
  }

  function show() {
    var words = wordsOf(input.value);
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
      + (found.length ? " (" + counts(found) + ")" : "") + (found.length > most ? ", the first " + most + " of them:" : "");
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
