// The few things that must happen in the browser: theme, link, filters carried from page to page.
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
    return [Object.assign({}, navbar, { collapsed: { mobile: !open } }), open];
  },
  poll: function (asked, tick) {
    if (asked) setTimeout(() => window.dash_clientside.set_props(tick, { data: asked }), 400);
    return window.dash_clientside.no_update;
  },
  // replaceState does not tell Dash, so the form is not built again while somebody types in it.
  writeLink: function (query) {
    if (typeof query === "string" && query !== window.location.search && window.location.pathname !== "/") {
      window.history.replaceState(window.history.state, "", window.location.pathname + query + window.location.hash);
    }
    return window.dash_clientside.no_update;
  },
  carryFilters: function (shared, _path, ...hrefs) {
    const query = shared || "";
    return hrefs.map((href) => href.split("?")[0] + query);
  },
};
