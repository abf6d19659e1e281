// What scripts add to every page: a switch between light and dark, sortable tables, the numbers of maps under the
// pointer or a cursor, smooth maps, and keys. Pages are complete without them.
(function () {
  "use strict";
  var root = document.querySelector("link[rel=stylesheet]").getAttribute("href").replace(/assets\/atlas\.css$/, "");

  function element(name, attributes, text) {
    var made = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text) made.textContent = text;
    return made;
  }

  // Light and dark

  function isDark() {
    var chosen = window.atlasTheme.get();
    return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function addThemeSwitch(place) {
    var button = element("button", { type: "button", id: "theme" });
    function name() { button.textContent = isDark() ? "Light" : "Dark"; }
    button.addEventListener("click", function () {
      window.atlasTheme.set(isDark() ? "light" : "dark");
      name();
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
    name();
    place.append(button);
  }

  /// Adds the reader's choices to a link that is followed, where pages are opened from a disk.
  function carryChoices(link) {
    var chosen = window.atlasTheme.get();
    var target = link.getAttribute("href") || "";
    if (!chosen && !maps || location.protocol !== "file:" || /^[a-z]+:|^#/i.test(target)) return;
    var url = new URL(link.href);
    if (!/\.html$/.test(url.pathname)) return;
    if (chosen) url.searchParams.set("theme", chosen);
    if (maps) url.searchParams.set("maps", maps);
    link.href = url.href;
  }
  ["click", "auxclick"].forEach(function (event) {
    document.addEventListener(event, function (click) {
      var link = click.target.closest && click.target.closest("a[href]");
      if (link && link.href && typeof link.href === "string") carryChoices(link);
    }, true);
  });

  // A head at random, drawn when the link is followed

  var another = document.getElementById("another");
  if (another) {
    var models = another.dataset.models.split(",").map(function (entry) { return entry.split(" "); });
    var draw = function () {
      var all = models.reduce(function (sum, model) { return sum + model[1] * model[2]; }, 0);
      var place = Math.floor(Math.random() * all), index = 0;
      while (place >= models[index][1] * models[index][2]) { place -= models[index][1] * models[index][2]; index++; }
      var two = function (number) { return String(number).padStart(2, "0"); };
      another.href = root + "model/" + models[index][0] + "/head/L" + two(Math.floor(place / models[index][2])) + ".H"
        + two(place % models[index][2]) + "/index.html";
    };
    draw();
    another.hidden = false;
    window.addEventListener("pageshow", draw);
  }

  // Tables

  function number(cell) {
    var text = cell.textContent.replace(/[\u2007\u2008\s]/g, "").replace("\u2212", "-");
    return text === "" || text === "–" ? NaN : Number(text.replace("%", ""));
  }

  function compare(column, isNumeric) {
    return function (left, right) {
      var a = left.cells[column], b = right.cells[column];
      if (!isNumeric) return a.textContent.localeCompare(b.textContent, "en", { numeric: true });
      var x = number(a), y = number(b);
      if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y);
      return x - y;
    };
  }

  function makeSortable(table) {
    var body = table.tBodies[0];
    if (!table.tHead || !body || body.rows.length < 3) return;
    var original = Array.prototype.slice.call(body.rows);
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
      var isNumeric = head.classList.contains("n");
      var button = element("button", { type: "button", class: "sort" });
      while (head.firstChild && head.firstChild.nodeName !== "SMALL") button.append(head.firstChild);
      head.prepend(button);
      button.addEventListener("click", function () {
        var order = head.getAttribute("aria-sort");
        // Numbers are sorted from the largest first; the third click restores the original order.
        var next = !order ? (isNumeric ? "descending" : "ascending")
          : (order === "descending") === isNumeric ? (isNumeric ? "ascending" : "descending") : null;
        Array.prototype.forEach.call(table.tHead.rows[0].cells, function (other) { other.removeAttribute("aria-sort"); });
        var rows = original.slice();
        if (next) {
          head.setAttribute("aria-sort", next);
          var ascending = compare(column, isNumeric);
          rows.sort(function (a, b) {
            var isMissing = isNumeric && (isNaN(number(a.cells[column])) || isNaN(number(b.cells[column])));
            return next === "ascending" || isMissing ? ascending(a, b) : ascending(b, a);
          });
        }
        body.append.apply(body, rows);
      });
    });
  }

  // Maps: the number under the pointer or a cursor, from the table of numbers below the map, and smooth edges

  var hint = null, spoken = null;
  var ordinals = ["", "second ", "third ", "fourth ", "fifth ", "sixth ", "seventh ", "eighth ", "ninth ", "tenth "];

  /// Says a text to readers who do not see the page.
  function say(text) {
    if (!spoken) {
      spoken = element("p", { class: "unseen", "aria-live": "polite" });
      document.body.append(spoken);
    }
    spoken.textContent = text;
  }

  /// What a patch is in words: its place, its number and its rank among those of the map.
  function patchWords(map, numbers, side, at, power, isSigned) {
    var value = numbers[at], words = "row " + (Math.floor(at / side) + 1) + ", column " + (at % side + 1) + ": ";
    function isMarked(kind, start) {
      var path = map.querySelector(kind);
      return path && (path.getAttribute("d") + " ").indexOf("M" + at % side + start[0] + Math.floor(at / side) + start[1]) >= 0;
    }
    if (isNaN(value)) return words + "no number";
    var rank = numbers.filter(function (other) { return value < 0 ? other < value : other > value; }).length;
    words += (value < 0 ? "\u2212" : isSigned && value > 0 ? "+" : "")
      + (Math.abs(value) * Math.pow(10, power)).toFixed(Math.max(0, -power)) + ", the "
      + (rank < ordinals.length ? ordinals[rank] : ordinal(rank + 1) + " ")
      + (value < 0 ? "lowest" : "highest") + " of " + numbers.length;
    if (isMarked(".ring", [".1 ", ".5a"])) words += ", beyond the colours";
    return isMarked(".hatch", [" ", ".5l"]) ? words + ", a register patch" : words;
  }

  function ordinal(number) {
    var ends = { 1: "st", 2: "nd", 3: "rd" };
    return number + (Math.floor(number / 10) % 10 !== 1 && ends[number % 10] || "th");
  }

  /// The cursor over a map: a square around a patch.
  function drawCursor(map, side, at) {
    var name = "http://www.w3.org/2000/svg", drawing = map.querySelector(".marks.cursor");
    if (at === null) {
      if (drawing) drawing.remove();
      return;
    }
    if (!drawing) {
      drawing = document.createElementNS(name, "svg");
      drawing.setAttribute("class", "marks cursor");
      drawing.setAttribute("viewBox", "0 0 " + side + " " + side);
      drawing.setAttribute("aria-hidden", "true");
      ["under", "over"].forEach(function (kind) {
        var path = document.createElementNS(name, "path");
        path.setAttribute("class", kind);
        drawing.append(path);
      });
      map.append(drawing);
    }
    drawing.querySelectorAll("path").forEach(function (path) {
      path.setAttribute("d", "M" + at % side + " " + Math.floor(at / side) + "h1v1h-1z");
    });
  }

  function readPatches(figure) {
    var tables = figure.querySelectorAll("table.patches"), twin = figure.querySelector(".twin");
    var power = Number(twin && twin.getAttribute("data-power")) || 0;
    figure.querySelectorAll(".map").forEach(function (map, index) {
      if (!tables[index]) return;
      var numbers = [];
      Array.prototype.forEach.call(tables[index].rows, function (row) {
        row.cells[1].textContent.trim().split(/\s+/).forEach(function (text) {
          numbers.push(Number(text.replace("\u2212", "-")));
        });
      });
      var side = tables[index].rows.length, isSigned = map.classList.contains("signed");
      var readout = element("span", { class: "readout", "aria-hidden": "true" });
      map.append(readout);
      function show(at) {
        var words = at === null ? "" : patchWords(map, numbers, side, at, power, isSigned);
        readout.textContent = words;
        readout.classList.toggle("above", at >= numbers.length / 2);
        return words;
      }
      map.addEventListener("pointermove", function (event) {
        var box = map.getBoundingClientRect();
        var row = Math.floor((event.clientY - box.top) / box.height * side);
        var column = Math.floor((event.clientX - box.left) / box.width * side);
        if (row >= 0 && row < side && column >= 0 && column < side) show(row * side + column);
      });
      map.addEventListener("pointerleave", function () { show(null); });
      addCursor(map, numbers, side, show);
    });
  }

  /// Arrow keys move a cursor over the patches of the map that has the focus, from the highest on; Escape leaves it.
  function addCursor(map, numbers, side, show) {
    var target = map.closest("a"), at = null, hasLeft = false;
    var steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (!target) {
      target = map;
      map.tabIndex = 0;
      map.setAttribute("role", "group");
      map.setAttribute("aria-label", "Map");
    }
    if (!hint) {
      hint = element("p", { id: "map-keys", hidden: "" }, "Arrow keys read the patches, Escape leaves them.");
      document.body.append(hint);
    }
    target.setAttribute("aria-describedby", hint.id);
    function move(place) {
      at = place;
      drawCursor(map, side, at);
      say(show(at));
    }
    target.addEventListener("keydown", function (event) {
      var step = steps[event.key];
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      if (event.key === "Escape" && at !== null) {
        hasLeft = true;
        move(null);
      } else if (step && !hasLeft) {
        event.preventDefault();
        if (at === null) move(numbers.reduce(function (best, value, place) { return value > numbers[best] ? place : best; }, 0));
        else {
          var row = Math.floor(at / side) + step[0], column = at % side + step[1];
          if (row >= 0 && row < side && column >= 0 && column < side) move(row * side + column);
        }
      }
    });
    target.addEventListener("blur", function () {
      if (at !== null) move(null);
      hasLeft = false;
    });
  }

  /// The reader's choice of `smooth` or `crisp`, from the address or from storage; null where none was made.
  var maps = (/[?&]maps=(smooth|crisp)(?=&|$)/.exec(location.search) || [])[1] || null;
  if (!maps) {
    try { maps = localStorage.getItem("atlas-maps"); } catch (error) { /* files may not read storage */ }
    if (maps !== "smooth" && maps !== "crisp") maps = null;
  }

  function addMapSwitch(place) {
    var button = element("button", { type: "button", id: "smooth", title: "Key s" }, "Smooth maps");
    function apply() {
      document.body.classList.toggle("smooth", maps === "smooth");
      button.setAttribute("aria-pressed", String(maps === "smooth"));
    }
    button.addEventListener("click", function () {
      maps = maps === "smooth" ? "crisp" : "smooth";
      try { localStorage.setItem("atlas-maps", maps); } catch (error) { /* the address has it */ }
      apply();
    });
    apply();
    place.append(button);
  }

  // Keys

  var help = null;
  function showHelp() {
    if (!help) {
      help = element("dialog", { class: "help", "aria-labelledby": "help-title" });
      help.append(element("h2", { id: "help-title" }, "Keys"));
      var list = element("dl", { class: "facts keys" });
      [["← →", "previous page, next page"], ["Shift ↑ ↓", "the same head, a layer before, a layer after"], ["c", "this head, image or model beside another"], ["on a map", "← → ↑ ↓ read its patches, Esc leaves them"], ["s", "maps smooth or crisp"], ["/", "search"], ["?", "this list"], ["Esc", "close"]].forEach(
        function (entry) {
          var row = element("div");
          row.append(element("dt", {}, entry[0]), element("dd", {}, entry[1]));
          list.append(row);
        });
      var close = element("button", { type: "button" }, "Close");
      close.addEventListener("click", function () { help.close(); });
      help.append(list, close);
      document.body.append(help);
    }
    if (!help.open) help.showModal();
  }

  function follow(selector) {
    var link = document.querySelector(selector);
    if (!link) return false;
    link.click();
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    var target = event.target;
    if (target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
    // Arrow keys scroll a wide table that has the focus.
    var isInScroller = target.closest(".scroll") !== null;
    if (event.key === "ArrowLeft" && !isInScroller) follow("a[rel=prev]");
    else if (event.key === "ArrowRight" && !isInScroller) follow("a[rel=next]");
    else if (event.key === "ArrowUp" && event.shiftKey) follow("a.up");
    else if (event.key === "ArrowDown" && event.shiftKey) follow("a.down");
    else if (event.key === "c") follow("a.compare");
    else if (event.key === "s") follow("#smooth");
    else if (event.key === "?") showHelp();
    else if (event.key === "/") {
      event.preventDefault();
      var input = document.getElementById("query");
      if (input) input.focus();
      else {
        var link = element("a", { href: root + "search/index.html" });
        document.body.append(link);
        link.click();
      }
    }
  });

  // The box of the front page leads to the search with its words.

  document.querySelectorAll(".find").forEach(function (box) {
    var input = box.querySelector("input"), link = box.querySelector("a"), target = link.getAttribute("href");
    function aim() { link.setAttribute("href", target + (input.value ? "?q=" + encodeURIComponent(input.value) : "")); }
    box.hidden = false;
    input.addEventListener("input", aim);
    input.addEventListener("keydown", function (event) { if (event.key === "Enter") link.click(); });
    aim();
  });

  var place = document.querySelector(".switches");
  if (document.querySelector(".map")) addMapSwitch(place);
  addThemeSwitch(place);
  document.querySelectorAll("table.sortable").forEach(makeSortable);
  document.querySelectorAll("figure.maps").forEach(readPatches);
})();
