/** One action that talks to the server: busy while it runs, its error kept for the page. */
import { useSignal } from "@preact/signals";
import { ApiError } from "../api/client";

export interface Task {
  busy: boolean;
  error: ApiError | null;
  /** Runs `action`; resolves to true when it went well. */
  run: (action: () => Promise<void>) => Promise<boolean>;
  clear: () => void;
}

export function useTask(): Task {
  const busy = useSignal(false);
  const error = useSignal<ApiError | null>(null);

  async function run(action: () => Promise<void>): Promise<boolean> {
    busy.value = true;
    error.value = null;
    try {
      await action();
      return true;
    } catch (caught) {
      if (!(caught instanceof ApiError)) throw caught;
      error.value = caught;
      return false;
    } finally {
      busy.value = false;
    }
  }

  return {
    busy: busy.value,
    error: error.value,
    run,
    clear: () => {
      error.value = null;
    },
  };
}
