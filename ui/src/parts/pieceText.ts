/** What became of a moment, in a few words. */
import { w } from "../i18n/recordings";
import type { Piece } from "../state/camera_day";

export function pieceText(piece: Pick<Piece, "state" | "reason"> | undefined): string {
  if (!piece) return w().recordings.state.future;
  const state = w().recordings.state[piece.state];
  return piece.reason ? `${state}: ${w().recordings.reasonShort[piece.reason]}` : state;
}
