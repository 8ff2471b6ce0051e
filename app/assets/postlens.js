// The few things that must happen in the browser: theme, link, filters carried from page to page.
const waiting = {}; // By page, the timer of its next tick.
const written = { page: null, at: 0, touched: false }; // The page whose link was written last, and when: Back undoes what a person did since.
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.postlens = {
  scheme: function (choice) {
    return [choice === "auto" ? null : choice, choice];
  },
  restoreScheme: function (_id, stored) {
    if (!sessionStorage.getItem("postlens-watcher")) {
      sessionStorage.setItem("postlens-watcher", Math.random().toString(36).slice(2) + Date.now().toString(36));
    }
    window.dash_clientside.set_props("watcher", { data: sessionStorage.getItem("postlens-watcher") });
    return stored || "auto";
  },
  burger: function (opened, _path, navbar) {
    const triggered = window.dash_clientside.callback_context.triggered_id;
    const open = triggered === "burger" ? opened : false;
    document.body.dataset.plNavigation = open ? "open" : "closed";
    window.dispatchEvent(new Event("resize"));
    return [Object.assign({}, navbar, { collapsed: { mobile: !open } }), open];
  },
  // A question under way brings the next tick; one in between would make Dash throw its answer away.
  poll: function (asked, tick) {
    clearTimeout(waiting[tick]);
    const status = () => document.getElementById(tick.replace(/-tick$/, "-status"));
    const wait = () => {
      waiting[tick] = setTimeout(() => {
        if (!status()) return;
        if (status().dataset.dashIsLoading) wait();
        else window.dash_clientside.set_props(tick, { data: asked });
      }, 400);
    };
    if (asked) wait();
    return window.dash_clientside.no_update;
  },
  // The history does not tell Dash, so the form is not built again while somebody types in it. What a page makes of its own
  // link replaces it; what a person changes is a step of its own, unless it follows within a second. An answer to the page
  // before, which comes when Back was pressed, is nobody's change: a step made of it would take Forward away.
  writeLink: function (query) {
    const page = window.location.pathname;
    if (typeof query === "string" && query !== window.location.search) {
      const own = written.page !== page || !written.touched || Date.now() - written.at < 1000;
      const address = page + query + window.location.hash;
      if (own) window.history.replaceState(window.history.state, "", address);
      else window.history.pushState({}, "", address);
      written.at = Date.now();
    }
    written.page = page;
    return window.dash_clientside.no_update;
  },
  openDrawer: function (content) {
    const drawer = document.getElementById("posts-drawer");
    if (content && drawer && !drawer.open) {
      drawer.showModal();
      window.history.pushState({ drawer: true }, "", window.location.href);
    }
    return window.dash_clientside.no_update;
  },
  // Points chosen in a chart, as a filter: what they stand for is written in the figure.
  pick: function (_clicks, _selections, figures, ids) {
    const context = window.dash_clientside.callback_context;
    const cause = context.triggered.find((t) => t.value && t.value.points && t.value.points.length);
    if (!cause) return window.dash_clientside.no_update;
    const id = JSON.parse(cause.prop_id.slice(0, cause.prop_id.lastIndexOf(".")));
    const figure = figures[ids.findIndex((other) => other.name === id.name)];
    const meta = (figure && figure.layout && figure.layout.meta) || {};
    if (!meta.selects || !meta.levels) return window.dash_clientside.no_update;
    const numbers = cause.value.points.map((p) => p.pointNumber).filter((n) => n < meta.levels.length);
    if (!numbers.length) return window.dash_clientside.no_update;
    const chosen = [...new Set(numbers)].sort((a, b) => a - b).map((n) => meta.levels[n]);
    const choice = { column: meta.selects, levels: chosen, at: Date.now() };
    if (meta.kind === "range") {
      choice.range = [Math.min(...chosen.map((ends) => ends[0])), Math.max(...chosen.map((ends) => ends[1]))];
    } else if (meta.kind === "period") {
      const next = meta.levels[Math.max(...numbers) + 1];
      const end = next ? new Date(new Date(next).getTime() - 86400000).toISOString().slice(0, 10) : null;
      choice.range = [chosen[0].slice(0, 10), end];
    }
    return choice;
  },
  carryFilters: function (shared, _path, ...hrefs) {
    const query = shared || "";
    return hrefs.map((href) => href.split("?")[0] + query);
  },
};

// Back closes the drawer, then takes back a change of filters or settings: the page is built from its link again.
(function () {
  let page = window.location.pathname, closed = false;
  document.addEventListener("close", (event) => {
    if (event.target.id !== "posts-drawer" || !(window.history.state || {}).drawer) return;
    closed = true;
    window.history.back();
  }, true);
  window.addEventListener("popstate", () => {
    const drawer = document.getElementById("posts-drawer");
    const same = page === window.location.pathname;
    page = window.location.pathname;
    if (closed) { closed = false; return; }
    if (drawer && drawer.open) { drawer.close(); return; }
    if (!same) return;
    written.page = null;
    written.touched = false;
    const { search, href } = window.location; // Of an older href the page would make a step forward.
    window.dash_clientside.set_props("_pages_location", { search, href });
  });
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, () => { written.touched = true; }, true);
  }
  window.addEventListener("_dashprivate_pushstate", () => { page = window.location.pathname; });
})();

// The link of a post in the table of posts; anything but a web address stays text.
window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {};
window.dashAgGridComponentFunctions.PostLink = function (props) {
  if (!/^https?:\/\//i.test(props.value || "")) return props.value || "";
  return window.React.createElement("a", { href: props.value, target: "_blank", rel: "noopener noreferrer" }, "Open");
};

// Scripts that a page loads when it needs them; their addresses are written in the page.
(function () {
  const where = document.documentElement.dataset;
  function load(address) {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      Object.assign(script, { src: address, async: true, onload: done, onerror: failed });
      document.body.appendChild(script);
    });
  }

  // The table of posts is loaded by the page that has one.
  let grid = {};
  const Loaded = window.React.lazy(() => load(where.grid).then(() => ({ default: grid.AgGrid })));
  const AgGrid = (props) => window.React.createElement(window.React.Suspense, { fallback: null }, window.React.createElement(Loaded, props));
  Object.defineProperty(window, "dash_ag_grid", {
    configurable: true,
    get: () => Object.assign({}, grid, { AgGrid }),
    set: (loaded) => { grid = loaded; },
  });

  // Pages draw with a third of Plotly; a chart of a kind that the third does not have loads the whole.
  if (!where.charts) return;
  const kinds = where.kinds.split(" ");
  const known = (trace) => kinds.includes(trace.type || "scatter");
  let plotly, whole, wholeAddress;
  function wider(draw) {
    return function (place, data, ...more) {
      const traces = Array.isArray(data) ? data : (data && data.data) || [];
      if (traces.every(known)) return draw(place, data, ...more);
      whole = whole || load(wholeAddress);
      return whole.then(() => plotly.react(place, data, ...more));
    };
  }
  Object.defineProperty(window, "_dashPlotlyJSURL", {
    configurable: true,
    get: () => where.charts,
    set: (address) => { wholeAddress = address; },
  });
  Object.defineProperty(window, "Plotly", {
    configurable: true,
    get: () => plotly,
    set: (loaded) => {
      plotly = plotly ? loaded : Object.assign({}, loaded, { react: wider(loaded.react), newPlot: wider(loaded.newPlot) });
    },
  });
})();

(function () {
  // The table of posts follows the theme.
  function theme() {
    document.body.dataset.agThemeMode = document.documentElement.dataset.mantineColorScheme === "dark" ? "dark" : "light";
  }
  new MutationObserver(theme).observe(document.documentElement, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
  document.addEventListener("DOMContentLoaded", theme);

  // A navigation that is off the screen of a phone is off the way of Tab, too.
  function rest() {
    const navigation = document.querySelector(".mantine-AppShell-navbar");
    const narrow = window.matchMedia("(max-width: 48em)").matches;
    if (navigation) navigation.inert = narrow && document.body.dataset.plNavigation !== "open";
  }
  window.addEventListener("resize", rest);

  // Who looks at many comparisons finds some by chance alone; say how many were looked at in this session.
  const LOOKED = "postlens-looked";
  function count() {
    const seen = new Set(JSON.parse(sessionStorage.getItem(LOOKED) || "[]"));
    const before = seen.size;
    document.querySelectorAll("[data-claim]").forEach((v) => seen.add(window.location.pathname + "|" + v.dataset.claim));
    if (seen.size !== before) sessionStorage.setItem(LOOKED, JSON.stringify([...seen].slice(-2000)));
    const n = seen.size;
    const words = n < 2 ? "" : n + " comparisons shown so far. Verdicts allow for those of one visit; among hundreds, some would be likely real by chance.";
    document.querySelectorAll(".pl-looked").forEach((line) => { if (line.textContent !== words) line.textContent = words; });
  }
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(count).observe(document.body, { childList: true, subtree: true });
    new MutationObserver(nameUploads).observe(document.body, { childList: true, subtree: true });
  });

  // On paper a chart is as wide as its place: its drawing is scaled, as it cannot be drawn again in time.
  window.addEventListener("beforeprint", () => {
    document.querySelectorAll(".js-plotly-plot .svg-container").forEach((box) => {
      box.style.aspectRatio = box.clientWidth + " / " + box.clientHeight;
      box.querySelectorAll(".main-svg").forEach((svg) => {
        svg.setAttribute("viewBox", "0 0 " + svg.getAttribute("width") + " " + svg.getAttribute("height"));
      });
    });
  });
  window.addEventListener("afterprint", () => {
    document.querySelectorAll(".js-plotly-plot .main-svg").forEach((svg) => svg.removeAttribute("viewBox"));
  });

  // A tab that is closed waits for nothing any more.
  window.addEventListener("pagehide", () => {
    const watcher = sessionStorage.getItem("postlens-watcher");
    if (watcher) navigator.sendBeacon("/leave?watcher=" + encodeURIComponent(watcher));
  });

  // The connection is lost, or the server was restarted: say so within seconds, and go on when it is back.
  const ask = window.fetch.bind(window);
  let lost = false;
  function away() {
    if (lost) return;
    lost = true;
    const line = document.createElement("div");
    line.id = "pl-lost";
    line.className = "pl-lost";
    line.setAttribute("role", "alert");
    line.textContent = "The connection to Postlens is lost. This page goes on by itself when it is back.";
    document.body.append(line);
    const again = () => ask("/healthz", { cache: "no-store" }).then((r) => {
      if (r.ok) window.location.reload();
      else if (r.status === 403) line.textContent = "Postlens was started again. Open it by its new start-up link.";
      else setTimeout(again, 2000);
    }).catch(() => setTimeout(again, 2000));
    setTimeout(again, 1000);
  }
  window.fetch = function (address, options) {
    const own = String(address && address.url || address).includes("_dash-");
    return ask(address, options).then((response) => {
      if (own && [403, 502, 503, 504].includes(response.status)) away();
      return response;
    }, (error) => {
      if (own && error && error.name !== "AbortError" && !leaving) away();
      throw error;
    });
  };
  let leaving = false;
  window.addEventListener("beforeunload", () => { leaving = true; });
  window.addEventListener("pageshow", () => { leaving = false; });

  // Dash's upload has an input without a name, which a screen reader would read as nothing.
  function nameUploads() {
    document.querySelectorAll("#up-files input[type=file]:not([aria-label])").forEach((i) => i.setAttribute("aria-label", "Files to import"));
  }

  // The upload leaves files out that are too large, and says nothing.
  function refuse(event) {
    const area = event.target.closest && event.target.closest("#up-files");
    const said = document.getElementById("up-refused");
    if (!area || !said) return;
    const files = [...((event.dataTransfer || event.target).files || [])];
    const large = files.filter((f) => f.size > said.dataset.most * 1e6).map((f) => f.name + " (" + (f.size / 1e6).toFixed(1) + " MB)");
    said.textContent = large.length ? "Not taken, because this page takes files up to " + said.dataset.most + " MB: " + large.join(", ") +
      ". Import them on the command line (postlens import), or ask for a higher upload_mb in config.toml." : "";
    said.style.display = large.length ? "" : "none";
  }
  document.addEventListener("change", refuse, true);
  document.addEventListener("drop", refuse, true);

  function save(button) {
    const card = button.closest("figure");
    const graph = card && card.querySelector(".js-plotly-plot");
    if (!graph || !window.Plotly) return;
    const title = card.querySelector("figcaption h2, figcaption h3").textContent;
    const margin = Object.assign({}, graph.layout.margin, { t: 48 });
    const layout = Object.assign({}, graph.layout, { paper_bgcolor: "#fff", plot_bgcolor: "#fff", margin: margin, title: { text: title, x: 0.01, font: { size: 16 } } });
    window.Plotly.downloadImage({ data: graph.data, layout: layout }, {
      format: button.dataset.save, filename: window.location.pathname.slice(1) + "_" + button.dataset.name,
      width: Math.max(graph.clientWidth, 700), height: graph.clientHeight + 40, scale: 2,
    });
  }

  function say(button, text) {
    button.dataset.before = button.dataset.before || button.textContent;
    button.textContent = text;
    setTimeout(() => { button.textContent = button.dataset.before; }, 1800);
  }

  function share(button) {
    const mark = document.querySelector("[data-mark]");
    const address = new URL(window.location.href);
    if (mark) address.searchParams.set("data", mark.dataset.mark);
    const copied = navigator.clipboard ? navigator.clipboard.writeText(address.href) : Promise.reject();
    copied.then(() => say(button, "Link copied"), () => window.prompt("Copy this link", address.href));
  }

  function go(href) {
    window.history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }

  // One dialog to jump with, and one that says which keys there are.
  let places = null;
  function dialog(id, label) {
    let made = document.getElementById(id);
    if (!made) {
      made = document.createElement("dialog");
      made.id = id;
      made.className = "pl-dialog";
      made.setAttribute("aria-label", label);
      made.addEventListener("click", (event) => { if (event.target === made) made.close(); });
      document.body.append(made);
    }
    return made;
  }

  // Views are addresses under a name, kept by this browser alone.
  const kept = "postlens-views";
  function views() {
    try {
      const found = JSON.parse(window.localStorage.getItem(kept) || "[]");
      return found.filter((view) => typeof view.label === "string" && /^\/(?!\/)/.test(view.href));
    } catch (_error) {
      return [];
    }
  }
  function keep(list) {
    try { window.localStorage.setItem(kept, JSON.stringify(list.slice(0, 50))); } catch (_error) { /* A browser that keeps nothing. */ }
  }
  function saveView() {
    const label = (window.prompt("A name for this view", document.title.split(" - ")[0]) || "").trim().slice(0, 80);
    if (label) keep([{ label, href: window.location.pathname + window.location.search }, ...views().filter((view) => view.label !== label)]);
  }

  function jump() {
    const box = dialog("pl-jump", "Jump to a page, a filter or a post");
    box.innerHTML = '<input type="text" role="combobox" aria-expanded="true" aria-controls="pl-jump-list" aria-label="Page, filter value, or words of a post" placeholder="Page, filter value, or words of a post"><ul id="pl-jump-list" role="listbox" aria-label="Where to"></ul>';
    const input = box.querySelector("input");
    const list = box.querySelector("ul");
    let found = [], at = 0;
    function show() {
      list.replaceChildren(...found.map((place, n) => {
        const item = document.createElement("li");
        item.id = "pl-jump-" + n;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(n === at));
        item.textContent = place.label;
        item.addEventListener("click", () => choose(n));
        return item;
      }));
      if (found.length) input.setAttribute("aria-activedescendant", "pl-jump-" + at);
    }
    function search() {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (place) => words.every((word) => (place.label + " " + (place.also || "")).toLowerCase().includes(word));
      const saved = views().map((view) => ({ label: "Saved: " + view.label + " (Delete removes it)", also: "view", saved: view }));
      found = [...saved, ...places.pages, { label: "Save this view", also: "bookmark", saves: true }].filter(fits);
      const named = (place) => words.every((word) => place.label.toLowerCase().includes(word));
      found.sort((one, other) => named(other) - named(one));  // What is called so, before what speaks of it.
      if (words.length) found = found.concat(places.filters.filter(fits).slice(0, 12));
      if (words.length && places.search) {
        found.push({ label: 'Posts with "' + input.value.trim() + '"', href: places.search + "?text=" + encodeURIComponent(input.value.trim()) });
      }
      at = 0;
      show();
    }
    function choose(n) {
      const place = found[n];
      if (!place) return;
      box.close();
      if (place.saves) { saveView(); return; }
      if (place.saved) { go(place.saved.href); return; }
      if (place.href) {
        const kept = [...new URLSearchParams(window.location.search)].filter(([key]) => places.keys.includes(key));
        const carried = new URLSearchParams(kept).toString();
        go(place.href.includes("?") || !carried ? place.href : place.href + "?" + carried);
        return;
      }
      const address = new URL(window.location.href);
      if (!address.searchParams.getAll(place.key).includes(place.value)) address.searchParams.append(place.key, place.value);
      go(address.pathname + address.search);
    }
    input.addEventListener("input", search);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        at = (at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % Math.max(found.length, 1);
        show();
      } else if (event.key === "Enter") {
        event.preventDefault();
        choose(at);
      } else if (event.key === "Delete" && found[at] && found[at].saved) {
        event.preventDefault();
        keep(views().filter((view) => view.label !== found[at].saved.label));
        search();
      }
    });
    const ready = places ? Promise.resolve() : fetch("/jump.json").then((r) => r.json()).then((j) => { places = j; });
    ready.then(() => { box.showModal(); search(); input.focus(); });
  }

  function keys() {
    const box = dialog("pl-keys", "Keys");
    const rows = [["/ or Ctrl K", "Jump to a page, a saved view, a filter value, or posts with some words; save this view"], ["?", "This list"], ["Esc", "Close what is open"], ["Tab", "Next control; the first one skips to the content"], ["Enter on Table and downloads", "The numbers behind a chart"]];
    box.innerHTML = "<h2>Keys</h2><dl>" + rows.map((r) => "<div><dt><kbd>" + r[0] + "</kbd></dt><dd>" + r[1] + "</dd></div>").join("") + '</dl><button type="button" class="pl-button">Close</button>';
    box.querySelector("button").addEventListener("click", () => box.close());
    box.showModal();
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    const saving = target.closest("[data-save]"), sharing = target.closest("[data-share]");
    if (saving) save(saving);
    if (sharing) share(sharing);
    if (target.closest("[data-jump]")) jump();
    const opening = target.closest("[data-opens]");
    if (opening) {
      const box = opening.closest(opening.dataset.opens === "filters" ? ".pl-filters" : ".pl-page");
      opening.setAttribute("aria-expanded", String(box.classList.toggle("pl-open")));
    }
    const box = target.closest("dialog");
    if (box && (target === box || target.closest("[data-close], a"))) box.close();
    document.querySelectorAll(".pl-dropdown[open]").forEach((open) => { if (!open.contains(target) || target.closest("a")) open.removeAttribute("open"); });
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); jump(); }
    else if (event.key === "/" && !typing) { event.preventDefault(); jump(); }
    else if (event.key === "?" && !typing) { event.preventDefault(); keys(); }
    else if (event.key === "Escape") document.querySelectorAll(".pl-dropdown[open]").forEach((open) => open.removeAttribute("open"));
  });
})();

// What takes something away asks first; a click that is taken back reaches nobody.
document.addEventListener(
  "click",
  (event) => {
    const asked = event.target.closest && event.target.closest("[data-confirm]");
    if (asked && !window.confirm(asked.dataset.confirm)) {
      event.stopImmediatePropagation();
      event.preventDefault();
    }
  },
  true
);
