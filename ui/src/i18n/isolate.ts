/** Names inside sentences. */

/** Hebrew, Arabic and the other scripts that run from right to left, and the marks that turn text round. */
const TURNS = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]|[\ud802\ud803\ud83a\ud83b]/;
const MARKS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A name for a sentence that is plain text: whatever its direction, the words around it keep theirs (Unicode UAX #9,
 * first strong isolate). Elements use `Name` instead.
 */
export function isolated(name: string): string {
  return TURNS.test(name) ? `\u2068${name.replace(MARKS, "")}\u2069` : name;
}
