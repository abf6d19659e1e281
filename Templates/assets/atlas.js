// What scripts add to every page: a switch between light and dark, sortable tables, the numbers of maps under the
// pointer, smooth maps, and keys. Pages are complete without them.
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

  /// Removes the choice from the address: it would be applied again after a reload.
  function forgetAddress() {
    try {
      var url = new URL(location.href);
      url.searchParams.delete("theme");
      history.replaceState(null, "", url.href);
    } catch (error) { /* some browsers cannot change the address of a file */ }
  }

  function addThemeSwitch(place) {
    var button = element("button", { type: "button", id: "theme" });
    function name() { button.textContent = isDark() ? "Light" : "Dark"; }
    button.addEventListener("click", function () {
      window.atlasTheme.set(isDark() ? "light" : "dark");
      forgetAddress();
      name();
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
    name();
    place.append(button);
  }

  /// Adds the reader's choice to a link that is followed, where pages are opened from a disk.
  function carryTheme(link) {
    var chosen = window.atlasTheme.get();
    var target = link.getAttribute("href") || "";
    if (!chosen || location.protocol !== "file:" || /^[a-z]+:|^#/i.test(target)) return;
    var url = new URL(link.href);
    if (!/\.html$/.test(url.pathname)) return;
    url.searchParams.set("theme", chosen);
    link.href = url.href;
  }
  ["click", "auxclick"].forEach(function (event) {
    document.addEventListener(event, function (click) {
      var link = click.target.closest && click.target.closest("a[href]");
      if (link && link.href && typeof link.href === "string") carryTheme(link);
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

  // Maps: the number under the pointer, from the table of numbers below the map, and smooth edges

  function readPatches(figure) {
    var tables = figure.querySelectorAll("table.patches");
    var unit = (figure.querySelector(".twin p") || { textContent: "" }).textContent.replace(/^.*, in /, "").replace(/\.$/, "");
    Array.prototype.forEach.call(figure.querySelectorAll(".map"), function (map, index) {
      if (!tables[index]) return;
      var rows = Array.prototype.map.call(tables[index].rows, function (row) {
        return row.cells[1].textContent.trim().split(/\s+/);
      });
      var readout = element("span", { class: "readout", "aria-hidden": "true" });
      map.append(readout);
      map.addEventListener("pointermove", function (event) {
        var box = map.getBoundingClientRect();
        var row = Math.floor((event.clientY - box.top) / box.height * rows.length);
        var column = Math.floor((event.clientX - box.left) / box.width * rows.length);
        if (!rows[row] || rows[row][column] === undefined) return;
        readout.textContent = "row " + (row + 1) + ", column " + (column + 1) + ": " + rows[row][column] + " (" + unit + ")";
      });
      map.addEventListener("pointerleave", function () { readout.textContent = ""; });
    });
  }

  function addMapSwitch(place) {
    var button = element("button", { type: "button", id: "smooth", "aria-pressed": "false" }, "Smooth maps");
    button.addEventListener("click", function () {
      var isSmooth = document.body.classList.toggle("smooth");
      button.setAttribute("aria-pressed", String(isSmooth));
    });
    place.append(button);
  }

  // Keys

  var help = null;
  function showHelp() {
    if (!help) {
      help = element("dialog", { class: "help", "aria-labelledby": "help-title" });
      help.append(element("h2", { id: "help-title" }, "Keys"));
      var list = element("dl", { class: "facts keys" });
      [["← →", "previous page, next page"], ["Shift ↑ ↓", "the same head, a layer before, a layer after"], ["c", "this head beside another"], ["/", "search"], ["?", "this list"], ["Esc", "close"]].forEach(
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
