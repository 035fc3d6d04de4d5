// Shows a message that came while no page is open, and opens what it is about. It keeps and intercepts nothing.
addEventListener("push", (e) => {
  const told = e.data?.json() ?? {};
  e.waitUntil(
    registration.showNotification(told.title ?? "CRM", {
      body: told.body ?? "",
      tag: told.tag,
      lang: told.lang,
      requireInteraction: told.stays === true,
      icon: "/static/img/logo.svg",
      data: { url: told.url ?? "/notices/" },
    }),
  );
});

addEventListener("notificationclick", (e) => {
  e.notification.close();
  const url = new URL(e.notification.data.url, location.origin);
  if (url.origin !== location.origin) return;
  e.waitUntil(
    clients.matchAll({ type: "window" }).then((pages) => {
      const open = pages.find((page) => page.url === url.href);
      return open ? open.focus() : clients.openWindow(url.href);
    }),
  );
});
