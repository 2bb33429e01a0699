/** Shows messages while the page is closed, and opens it where they happened. It keeps and fetches nothing else. */
const QUIET = { de: "Eine Stunde Ruhe", en: "Quiet for an hour" };

/** Only addresses of this very server are followed, whatever a message says. */
function own(path) {
  return typeof path === "string" && path.startsWith("/") && !path.startsWith("//") ? path : "";
}

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("push", (event) => {
  let message = {};
  try {
    message = event.data?.json() ?? {};
  } catch {
    message = { title: "Wachtel" };
  }
  const quiet = own(message.quiet);
  const image = own(message.image);
  event.waitUntil(
    registration.showNotification(message.title || "Wachtel", {
      body: message.body || "",
      lang: message.lang || "",
      tag: message.tag || "",
      timestamp: message.at,
      requireInteraction: message.urgent === true,
      data: { link: own(message.link) || "/#/", quiet },
      ...(image && { image }),
      ...(quiet && { actions: [{ action: "quiet", title: QUIET[message.lang] ?? QUIET.en }] }),
    }),
  );
});

addEventListener("notificationclick", (event) => {
  const { link, quiet } = event.notification.data;
  event.notification.close();
  if (event.action === "quiet") event.waitUntil(fetch(quiet, { method: "POST", credentials: "omit" }));
  else event.waitUntil(open(new URL(link, registration.scope).href));
});

async function open(address) {
  const [page] = await clients.matchAll({ type: "window" });
  if (!page) return clients.openWindow(address);
  await page.focus();
  return page.navigate(address);
}
