/** Messages on this very device: what the browser can do, and its subscription. Nothing happens before somebody clicks. */
import { api } from "../api/client";
import type { PushDevice } from "../api/types";
import { language } from "./preferences";

/** Why it cannot be: no encrypted connection, a browser without it, or somebody said no to the browser. */
export type PushState = "off" | "on" | "insecure" | "unable" | "blocked";

const WORKER = "/push-worker.js";
const DEVICE_KEY = "wachtel.push-device";

function able(): boolean {
  return "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
}

export function deviceHere(): string {
  return localStorage.getItem(DEVICE_KEY) ?? "";
}

export async function pushState(devices: PushDevice[]): Promise<PushState> {
  if (!globalThis.isSecureContext) return "insecure";
  if (!able()) return "unable";
  if (Notification.permission === "denied") return "blocked";
  const registration = await navigator.serviceWorker.getRegistration("/");
  const subscribed = registration && (await registration.pushManager.getSubscription());
  return subscribed && devices.some((one) => one.id === deviceHere()) ? "on" : "off";
}

/** The browser asks for permission here; a push service of its maker gives the address. */
export async function switchOn(publicKey: string): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") throw new DOMException("", "NotAllowedError");
  await navigator.serviceWorker.register(WORKER, { scope: "/" });
  const registration = await navigator.serviceWorker.ready;
  const old = await registration.pushManager.getSubscription();
  if (old) await old.unsubscribe();
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: publicKey,
  });
  const { endpoint, keys } = subscription.toJSON() as { endpoint: string; keys: { p256dh: string; auth: string } };
  const device = await api.addDevice({ name: deviceName(), endpoint, ...keys, language: language.value });
  localStorage.setItem(DEVICE_KEY, device.id);
}

export async function switchOff(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration("/");
  const subscription = await registration?.pushManager.getSubscription();
  await subscription?.unsubscribe();
  localStorage.removeItem(DEVICE_KEY);
}

/** Browser and system as people call them. */
function deviceName(): string {
  const agent = navigator.userAgent;
  const browser = /Firefox/.test(agent) ? "Firefox" : /Edg\//.test(agent) ? "Edge" : /Chrome/.test(agent) ? "Chrome" : /Safari/.test(agent) ? "Safari" : "Browser";
  const system = /Android/.test(agent) ? "Android" : /iPhone/.test(agent) ? "iPhone" : /iPad/.test(agent) ? "iPad" : /Windows/.test(agent) ? "Windows" : /Mac OS/.test(agent) ? "Mac" : /Linux/.test(agent) ? "Linux" : "";
  return system ? `${browser}, ${system}` : browser;
}
