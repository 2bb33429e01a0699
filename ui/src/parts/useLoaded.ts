/** A list the server holds: loading, there, or failed. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError } from "../api/client";

export interface Loaded<Value> {
  value: Signal<Value | null>;
  error: ApiError | null;
  load: () => Promise<void>;
}

export function useLoaded<Value>(fetchIt: () => Promise<Value>): Loaded<Value> {
  const value = useSignal<Value | null>(null);
  const error = useSignal<ApiError | null>(null);

  async function load(): Promise<void> {
    error.value = null;
    try {
      value.value = await fetchIt();
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      error.value = caught;
    }
  }
  useEffect(() => void load(), []);
  return { value, error: error.value, load };
}
