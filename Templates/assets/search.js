// The search: every word of the query must be the start of a word of the entry, or one letter away from a word of it. What is
// found stands in groups by what it is, the best of each first. Titles count more than other text, and of heads those come first
// that vary most along the property that is asked for, or along a description with the words.
(function () {
  "use strict";
  var box = document.getElementById("search");
  var input = document.getElementById("query");
  var list = document.getElementById("results");
  var count = document.getElementById("count");
  if (!box || !window.atlasSearch) return;
  box.hidden = false;
  /// In the order in which they are shown: how a group is called, and how many of it are shown at once.
  var groups = [
    ["property", "Properties", 4], ["head", "Heads", 8], ["model", "Models", 4], ["text", "Texts", 4], ["image", "Images", 6],
    ["contrast", "Contrasts", 4], ["layer", "Layers", 4], ["commentary", "Commentary", 3], ["glossary", "Glossary", 2],
    ["", "Other pages", 4]
  ];
  var step = 60;

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
      evidence: (entry[4] || []).map(function (found) { return [separated(found[0]), found[1], found[0]]; }),
      described: (entry[5] || []).map(function (found) { return [separated(found[0]), found[1], found[0]]; }),
      image: entry[6]
    };
  });

  var hasModels = entries.filter(function (entry) { return entry.kind === "model"; }).length > 1;

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

  function names(known, word) { return known[0].indexOf(" " + word) >= 0 || hasNear(known[0], word); }

  /// How much of what a head writes varies along a property that a word names, or else along descriptions with the word; less than
  /// nothing where there are neither: a share may be as small as 0.00.
  function share(entry, word) {
    var found = -1, sum = 0;
    entry.evidence.forEach(function (known) { if (names(known, word)) found = Math.max(found, known[1]); });
    entry.described.forEach(function (known) { if (known[0].indexOf(" " + word) >= 0) sum += known[1]; });
    return found >= 0 ? found : sum || -1;
  }

  function score(entry, words) {
    var total = 0;
    for (var i = 0; i < words.length; i++) {
      var word = words[i], weight = share(entry, word);
      if (weight >= 0) total += 20 * weight + 4;
      // A head whose label alone says it comes after those that vary along it.
      else if (entry.kind === "head" && entry.name.indexOf(" " + word) > 0) total += 3;
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

  /// The part of the text that contains the first word that was found, and of a long one what stands around it.
  function excerpt(entry, words) {
    var parts = entry.text.split(" · "), room = 160;
    var part = parts.find(function (part) {
      var text = separated(part);
      return words.some(function (word) { return text.indexOf(" " + word) >= 0; });
    }) || parts[0];
    if (part.length <= room) return part;
    var folded = fold(part), places = words.map(function (word) { return folded.indexOf(word); });
    var at = Math.max(0, Math.min.apply(null, places.filter(function (place) { return place >= 0; }).concat(part.length)));
    var start = at >= part.length || at < room / 2 ? 0 : part.indexOf(" ", at - room / 2) + 1;
    var end = start + room < part.length ? part.lastIndexOf(" ", start + room) : part.length;
    if (end <= start) end = start + room;
    return (start ? "… " : "") + part.slice(start, end) + (end < part.length ? " …" : "");
  }

  /// Which property or description with the words a head varies along, and how much.
  function reason(entry, words) {
    function named(found) {
      return found.filter(function (known) { return words.some(function (word) { return names(known, word); }); });
    }
    function percent(known) { return known[1] < 0.005 ? "under 1 %" : Math.round(known[1] * 100) + " %"; }
    var properties = named(entry.evidence).map(function (known) { return known[2] + ": " + percent(known); });
    if (properties.length) return properties.join(", ") + " of what it writes, beyond chance";
    var described = named(entry.described).slice(0, 2).map(function (known) { return "“" + known[2] + "”: " + percent(known); });
    return described.length ? described.join(", ") + " of what it writes" : "";
  }

  function item(entry, words) {
    var line = document.createElement("li");
    var link = document.createElement("a");
    link.href = entry.link;
    link.textContent = entry.title;
    if (entry.image) {
      var image = document.createElement("img");
      image.src = entry.image[0];
      image.alt = "";
      image.width = entry.image[1];
      image.height = entry.image[2];
      line.append(image);
    }
    line.append(link);
    if (hasModels && (entry.kind === "head" || entry.kind === "layer")) {
      var model = document.createElement("span");
      model.className = "small";
      model.textContent = entry.text.split(" · ")[0];
      line.append(" ", model);
    }
    var text = reason(entry, words) || excerpt(entry, words);
    if (text) {
      var more = document.createElement("p");
      more.textContent = text;
      line.append(more);
    }
    return line;
  }

  /// A group of what was found, with a button for what of it is not shown.
  function section(title, hits, shown, words) {
    var part = document.createElement("section"), heading = document.createElement("h2"), lines = document.createElement("ol");
    heading.textContent = title + " " + hits.length;
    part.append(heading, lines);
    function add(from, to) { hits.slice(from, to).forEach(function (hit) { lines.append(item(hit.entry, words)); }); }
    add(0, shown);
    if (hits.length <= shown) return part;
    var button = document.createElement("button"), end = shown;
    function say() { button.textContent = Math.min(step, hits.length - end) + " more"; }
    button.type = "button";
    button.addEventListener("click", function () {
      add(end, end + step);
      var first = lines.children[end].querySelector("a");
      end = lines.children.length;
      say();
      if (end >= hits.length) button.remove();
      first.focus();
    });
    say();
    part.append(button);
    return part;
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
    count.textContent = found.length + (found.length === 1 ? " entry" : " entries");
    var known = groups.map(function (group) { return group[0]; });
    groups.forEach(function (group) {
      var hits = found.filter(function (hit) {
        return hit.entry.kind === group[0] || !group[0] && known.indexOf(hit.entry.kind) < 0;
      });
      if (hits.length) list.append(section(group[1], hits, group[2], words));
    });
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
