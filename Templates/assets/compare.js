// Heads side by side. Which ones stands in the address after #/, so that a copied address shows the same.
(function () {
  "use strict";
  var data = window.atlasHeads, box = document.getElementById("compare");
  if (!data || !box) return;
  var input = document.getElementById("add"), said = document.getElementById("said");
  var table = document.getElementById("side"), most = 4;
  box.hidden = false;

  function element(name, attributes, children) {
    var made = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    [].concat(children === undefined ? [] : children).forEach(function (child) { made.append(child); });
    return made;
  }
  function drawn(name, attributes) {
    var made = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    return made;
  }

  var heads = data.heads.map(function (line) {
    return {
      key: line[0], model: data.models[line[1]], name: line[2], words: line[3], page: line[4], variance: line[5],
      directions: line[6], label: line[7], evidence: line[8], ends: line[9], images: line[10], descriptions: line[11]
    };
  });
  var byKey = {}, byName = {};
  function folded(text) { return text.toLowerCase().replace(/\s+/g, " ").trim(); }
  function nameOf(head) {
    return head.name + " " + head.words + (data.models.length > 1 ? " (" + head.model + ")" : "");
  }
  heads.forEach(function (head) {
    byKey[head.key] = head;
    byName[folded(nameOf(head))] = head;
    document.getElementById("heads").append(element("option", { value: nameOf(head) }));
  });

  function chosen() {
    var keys = [], written = location.hash.replace(/^#\/?/, "");
    try { written = decodeURIComponent(written); } catch (error) { /* it is not percent-encoded */ }
    written.split(",").forEach(function (key) {
      if (byKey[key] && keys.indexOf(key) < 0 && keys.length < most) keys.push(key);
    });
    return keys.map(function (key) { return byKey[key]; });
  }
  function choose(list) {
    location.hash = "/" + list.map(function (head) { return head.key; }).join(",");
  }

  /// The head that a text names: as the list has it, or L5H1, l05.h01, 5.1, of the first model that has it.
  function found(text) {
    var exact = byName[folded(text)];
    if (exact) return exact;
    var parts = text.trim().toLowerCase().match(/^l?0*(\d+)(?:\.h?|h)0*(\d+)$/);
    var name = parts && "L" + parts[1] + ".H" + parts[2];
    return heads.filter(function (head) { return head.name === name; })[0];
  }
  function add() {
    var head = found(input.value), list = chosen();
    if (!input.value.trim()) return;
    if (!head) said.textContent = "No head is called “" + input.value + "”.";
    else if (list.indexOf(head) >= 0) said.textContent = head.name + " is shown already.";
    else if (list.length >= most) said.textContent = most + " heads at most: remove one first.";
    else {
      said.textContent = "";
      input.value = "";
      choose(list.concat([head]));
    }
  }
  input.addEventListener("change", add);
  input.addEventListener("keydown", function (event) { if (event.key === "Enter") add(); });

  /// A bar from zero, over what chance reaches in grey.
  function bar(excess, chance, largest) {
    function width(share) { return Math.max(0, share) / largest * 100; }
    var svg = drawn("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true", class: "side" });
    svg.append(
      drawn("rect", { class: "chance", width: width(chance), height: 10 }),
      drawn("rect", { class: "value", y: 2, width: width(excess), height: 6 }));
    return svg;
  }

  function row(title, list, cell) {
    var made = element("tr", {}, element("th", { scope: "row" }, title));
    list.forEach(function (head) { made.append(element("td", {}, cell(head))); });
    return made;
  }
  function strip(head, end) {
    var list = element("ul", { class: "images" });
    (head.images[end] || []).forEach(function (place) {
      var image = data.images[place];
      list.append(element("li", {}, element("img", { src: image[0], alt: image[1], width: image[2], height: image[3], loading: "lazy" })));
    });
    return (head.ends[end] ? [element("p", {}, "“" + head.ends[end] + "”")] : []).concat([list]);
  }

  /// The properties by the most that any of the heads varies with them.
  function properties(list) {
    var most = {};
    list.forEach(function (head) {
      head.evidence.forEach(function (found) {
        most[found[0]] = Math.max(found[1], most[found[0]] === undefined ? -1 : most[found[0]]);
      });
    });
    return Object.keys(most).map(Number).sort(function (a, b) { return most[b] - most[a]; });
  }

  function show() {
    var list = chosen(), example = document.getElementById("example");
    if (example) example.hidden = list.length > 0;
    table.replaceChildren();
    if (!list.length) return;
    var top = element("tr", {}, element("td"));
    list.forEach(function (head) {
      var remove = element("button", { type: "button" }, "Remove");
      remove.setAttribute("aria-label", "Remove " + nameOf(head));
      remove.addEventListener("click", function () {
        choose(list.filter(function (other) { return other !== head; }));
        input.focus();
      });
      top.append(element("th", { scope: "col" }, [
        element("a", { href: head.page }, head.name + " " + head.words), element("span", { class: "small" }, head.model), remove
      ]));
    });
    var body = element("tbody"), shown = properties(list);
    body.append(
      row("Most along its first direction", list, function (head) { return strip(head, 0); }),
      row("Least along it", list, function (head) { return strip(head, 1); }));
    var largest = 0.01;
    list.forEach(function (head) {
      head.evidence.forEach(function (found) { largest = Math.max(largest, found[1], found[2]); });
    });
    shown.forEach(function (property) {
      body.append(row(data.properties[property], list, function (head) {
        var known = head.evidence.filter(function (found) { return found[0] === property; })[0];
        if (!known) return "–";
        var isBeyond = known[1] > known[2];
        return [bar(known[1], known[2], largest), element("span", { class: isBeyond ? "n" : "n chance" }, known[1].toFixed(2).replace("-", "\u2212"))];
      }));
    });
    body.append(
      row("First descriptions", list, function (head) {
        return element("ol", {}, head.descriptions.map(function (line) { return element("li", {}, line[0]); }));
      }),
      row("Share of the variance of all heads", list, function (head) { return head.variance === null ? "–" : (head.variance * 100).toFixed(1) + " %"; }),
      row("Directions", list, function (head) { return head.directions === null ? "–" : "about " + head.directions.toFixed(1); }),
      row("Label", list, function (head) { return head.label || "ambiguous"; }));
    table.append(
      element("caption", {}, shown.length ? "Of each property the share of what the head writes that lies along its words, beyond chance; grey is what chance reaches." : ""),
      element("thead", {}, top), body);
    document.title = list.map(function (head) { return head.name; }).join(", ") + " · " + document.title.replace(/^.* · Compare/, "Compare");
  }
  window.addEventListener("hashchange", show);
  show();
})();
