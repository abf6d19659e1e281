// Heads, images and models side by side. Which ones stands in the address after #/, so that a copied address shows the same.
(function () {
  "use strict";
  var data = window.atlasHeads, box = document.getElementById("compare");
  if (!data || !box) return;
  var input = document.getElementById("add"), said = document.getElementById("said");
  var most = 4;
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
      key: line[0], place: line[1], model: data.models[line[1]], name: line[2], words: line[3], page: line[4], variance: line[5],
      directions: line[6], label: line[7], evidence: line[8], ends: line[9], images: line[10], descriptions: line[11]
    };
  });
  var images = (data.gallery || []).map(function (line) {
    return { key: line[0], name: line[1], words: "", page: line[2], image: line[3], parts: line[4] };
  });
  var models = data.models.map(function (title, place) {
    return {
      key: "model:" + data.keys[place], name: title, words: "", page: data.pages[place],
      heads: heads.filter(function (head) { return head.place === place; })
    };
  });
  /// What is compared, by kind: a table of its own for each.
  var kinds = [
    { table: "side", all: heads, one: "head", fill: fillHeads }, { table: "side-images", all: images, one: "image", fill: fillImages },
    { table: "side-models", all: models, one: "model", fill: fillModels }
  ];

  var byKey = {}, byName = {};
  function folded(text) { return text.toLowerCase().replace(/\s+/g, " ").trim(); }
  function nameOf(item) {
    return item.name + (item.words ? " " + item.words : "") + (item.model && data.models.length > 1 ? " (" + item.model + ")" : "");
  }
  kinds.forEach(function (kind) {
    kind.all.forEach(function (item) {
      item.kind = kind;
      byKey[item.key] = item;
      if (byName[folded(nameOf(item))]) return;
      byName[folded(nameOf(item))] = item;
      document.getElementById("heads").append(element("option", { value: nameOf(item) }));
    });
  });

  function chosen() {
    var list = [], written = location.hash.replace(/^#\/?/, "");
    try { written = decodeURIComponent(written); } catch (error) { /* it is not percent-encoded */ }
    written.split(",").forEach(function (key) {
      var item = byKey[key];
      if (item && list.indexOf(item) < 0 && of(item.kind, list).length < most) list.push(item);
    });
    return list;
  }
  function of(kind, list) { return list.filter(function (item) { return item.kind === kind; }); }
  function choose(list) {
    location.hash = "/" + list.map(function (item) { return item.key; }).join(",");
  }

  /// What a text names: as the list has it, or a head as L5H1, l05.h01, 5.1, of the first model that has it.
  function found(text) {
    var exact = byName[folded(text)];
    if (exact) return exact;
    var parts = text.trim().toLowerCase().match(/^l?0*(\d+)(?:\.h?|h)0*(\d+)$/);
    var name = parts && "L" + parts[1] + ".H" + parts[2];
    return heads.filter(function (head) { return head.name === name; })[0];
  }
  function add() {
    var item = found(input.value), list = chosen();
    if (!input.value.trim()) return;
    if (!item) said.textContent = "No head, image or model is called “" + input.value + "”.";
    else if (list.indexOf(item) >= 0) said.textContent = item.name + " is shown already.";
    else if (of(item.kind, list).length >= most) said.textContent = most + " " + item.kind.one + "s at most: remove one first.";
    else {
      said.textContent = "";
      input.value = "";
      choose(list.concat([item]));
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
  function thumbnail(place) {
    var image = data.images[place];
    return element("img", { src: image[0], alt: image[1], width: image[2], height: image[3], loading: "lazy" });
  }
  function strip(head, end) {
    var list = element("ul", { class: "images" });
    (head.images[end] || []).forEach(function (place) { list.append(element("li", {}, thumbnail(place))); });
    return (head.ends[end] ? [element("p", {}, "“" + head.ends[end] + "”")] : []).concat([list]);
  }
  function number(value) { return value.toFixed(2).replace("-", "\u2212"); }
  function measured(value, chance, largest) {
    return [bar(value, chance, largest), element("span", { class: value > chance ? "n" : "n chance" }, number(value))];
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

  function fillHeads(list, body) {
    var shown = properties(list), largest = 0.01;
    body.append(
      row("Most along its first direction", list, function (head) { return strip(head, 0); }),
      row("Least along it", list, function (head) { return strip(head, 1); }));
    list.forEach(function (head) {
      head.evidence.forEach(function (found) { largest = Math.max(largest, found[1], found[2]); });
    });
    shown.forEach(function (property) {
      body.append(row(data.properties[property], list, function (head) {
        var known = head.evidence.filter(function (found) { return found[0] === property; })[0];
        return known ? measured(known[1], known[2], largest) : "–";
      }));
    });
    body.append(
      row("First descriptions", list, function (head) {
        return element("ol", {}, head.descriptions.map(function (line) { return element("li", {}, line[0]); }));
      }),
      row("Share of the variance of all heads", list, function (head) { return head.variance === null ? "–" : (head.variance * 100).toFixed(1) + " %"; }),
      row("Directions", list, function (head) { return head.directions === null ? "–" : "about " + head.directions.toFixed(1); }),
      row("Label", list, function (head) { return head.label || "ambiguous"; }));
    return shown.length ? "Of each property the share of what the head writes that lies along its words, beyond chance; grey is what chance reaches." : "";
  }

  /// Which heads make images like their captions: those with the largest parts of any of the images, model by model.
  function fillImages(list, body) {
    var largest = 0.01, isAny = false;
    body.append(row("Image", list, function (image) { return image.image === null ? "–" : thumbnail(image.image); }));
    data.models.forEach(function (title, model) {
      var rows = [];
      list.forEach(function (image) {
        (image.parts[model] || []).forEach(function (part) {
          var known = rows.filter(function (other) { return other.label === part[0]; })[0];
          if (!known) rows.push(known = { label: part[0], link: part[2], most: part[1] });
          known.most = Math.max(known.most, part[1]);
          largest = Math.max(largest, part[1]);
        });
      });
      rows.sort(function (a, b) { return b.most - a.most; });
      isAny = isAny || rows.length > 0;
      rows.forEach(function (known) {
        var name = [element("a", { href: known.link }, known.label)];
        if (data.models.length > 1) name.push(element("span", { class: "small" }, title));
        body.append(row(name, list, function (image) {
          var part = (image.parts[model] || []).filter(function (other) { return other[0] === known.label; })[0];
          return part ? measured(part[1], 0, largest) : "not among its first";
        }));
      });
    });
    return isAny ? "The heads with the largest parts of the similarity of an image and its caption." : "";
  }

  /// How many heads of a model vary with each property beyond chance, and the one that does most.
  function fillModels(list, body) {
    var largest = 0.01;
    function beyond(model, property) {
      return model.heads.map(function (head) {
        var known = head.evidence.filter(function (found) { return found[0] === property && found[1] > found[2]; })[0];
        return known && { head: head, value: known[1], chance: known[2] };
      }).filter(Boolean).sort(function (a, b) { return b.value - a.value; });
    }
    list.forEach(function (model) {
      model.heads.forEach(function (head) { head.evidence.forEach(function (found) { largest = Math.max(largest, found[1]); }); });
    });
    body.append(row("Heads", list, function (model) { return String(model.heads.length); }));
    data.properties.forEach(function (title, property) {
      body.append(row(title, list, function (model) {
        var heads = beyond(model, property);
        if (!heads.length) return "none beyond chance";
        return measured(heads[0].value, heads[0].chance, largest).concat([element("p", {}, [
          element("a", { href: heads[0].head.page }, heads[0].head.name), heads.length > 1 ? " and " + (heads.length - 1) + " more" : ""
        ])]);
      }));
    });
    return "For each property the head that varies with it most, beyond chance, and how many more do; grey is what chance reaches.";
  }

  function column(item) {
    var remove = element("button", { type: "button" }, "Remove");
    remove.setAttribute("aria-label", "Remove " + nameOf(item));
    remove.addEventListener("click", function () {
      choose(chosen().filter(function (other) { return other !== item; }));
      input.focus();
    });
    var name = element("a", { href: item.page }, item.name + (item.words ? " " + item.words : ""));
    return element("th", { scope: "col" }, (item.model ? [name, element("span", { class: "small" }, item.model)] : [name]).concat([remove]));
  }

  function show() {
    var all = chosen(), example = document.getElementById("example");
    if (example) example.hidden = all.length > 0;
    kinds.forEach(function (kind) {
      var table = document.getElementById(kind.table), list = of(kind, all);
      table.replaceChildren();
      table.parentElement.hidden = !list.length;
      if (!list.length) return;
      var body = element("tbody"), caption = kind.fill(list, body);
      table.append(
        element("caption", {}, caption), element("thead", {}, element("tr", {}, [element("td")].concat(list.map(column)))), body);
    });
    if (!all.length) return;
    document.title = all.map(function (item) { return item.name; }).join(", ") + " · " + document.title.replace(/^.* · Compare/, "Compare");
  }
  window.addEventListener("hashchange", show);
  show();
})();
