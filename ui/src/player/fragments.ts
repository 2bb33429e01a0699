/**
 * The little that must be known of MP4 to play it live (ISO/IEC 14496-12, 8.8): when a fragment's picture is due, and how
 * long it says it lasts.
 *
 * Nobody knows how long a picture lasts before the next one is there. Media Source Extensions however drop everything up
 * to the next key frame once a picture comes later than twice the last one's length. So every picture is given a length
 * that no camera exceeds; the next one cuts it short.
 */

export interface VideoTrack {
  id: number;
  /** Ticks per second. */
  timescale: number;
}

interface Box {
  type: string;
  start: number;
  end: number;
}

const DURATION = 0x100;
const SIZE = 0x200;
const FLAGS = 0x400;
const COMPOSITION = 0x800;

function* boxes(view: DataView, from: number, to: number): Generator<Box> {
  let at = from;
  while (at + 8 <= to) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > to) return;
    const type = String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at + 4, 4));
    yield { type, start: at + 8, end: at + size };
    at += size;
  }
}

function child(view: DataView, parent: Box, type: string): Box | undefined {
  for (const box of boxes(view, parent.start, parent.end)) if (box.type === type) return box;
  return undefined;
}

function whole(view: DataView): Box {
  return { type: "", start: 0, end: view.byteLength };
}

/** The video track of an init segment. */
export function videoTrack(init: ArrayBuffer): VideoTrack | undefined {
  const view = new DataView(init);
  const moov = child(view, whole(view), "moov");
  if (!moov) return undefined;
  for (const trak of boxes(view, moov.start, moov.end)) {
    const mdia = trak.type === "trak" && child(view, trak, "mdia");
    const [tkhd, mdhd, hdlr] = mdia
      ? [child(view, trak, "tkhd"), child(view, mdia, "mdhd"), child(view, mdia, "hdlr")]
      : [];
    if (!tkhd || !mdhd || !hdlr || view.getUint32(hdlr.start + 8) !== 0x76696465 /* vide */) continue;
    const [wideHead, wideTime] = [view.getUint8(tkhd.start) === 1, view.getUint8(mdhd.start) === 1];
    return {
      id: view.getUint32(tkhd.start + (wideHead ? 20 : 12)),
      timescale: view.getUint32(mdhd.start + (wideTime ? 20 : 12)),
    };
  }
  return undefined;
}

/** Lengthens the last picture of a fragment, in place; returns when that picture is due, in seconds of media time. */
export function lengthen(fragment: ArrayBuffer, track: VideoTrack, seconds: number): number | undefined {
  const view = new DataView(fragment);
  const moof = child(view, whole(view), "moof");
  if (!moof) return undefined;
  for (const traf of boxes(view, moof.start, moof.end)) {
    const tfhd = traf.type === "traf" && child(view, traf, "tfhd");
    if (!tfhd || view.getUint32(tfhd.start + 4) !== track.id) continue;
    const [tfdt, trun] = [child(view, traf, "tfdt"), child(view, traf, "trun")];
    if (!tfdt || !trun) return undefined;
    const decode = view.getUint8(tfdt.start) === 1 ? Number(view.getBigUint64(tfdt.start + 4)) : view.getUint32(tfdt.start + 4);
    return (decode + lastPicture(view, trun, Math.round(seconds * track.timescale))) / track.timescale;
  }
  return undefined;
}

/** Sets the duration of the last sample of a run; returns when it is due after the run's decode time, in ticks. */
function lastPicture(view: DataView, trun: Box, ticks: number): number {
  const flags = view.getUint32(trun.start) & 0xffffff;
  const count = view.getUint32(trun.start + 4);
  let at = trun.start + 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  let due = 0;
  let composition = 0;
  for (let sample = 1; sample <= count; sample++) {
    if (flags & DURATION) {
      if (sample === count) view.setUint32(at, ticks);
      else due += view.getUint32(at);
      at += 4;
    }
    at += (flags & SIZE ? 4 : 0) + (flags & FLAGS ? 4 : 0);
    if (flags & COMPOSITION) {
      composition = view.getInt32(at);
      at += 4;
    }
  }
  return due + composition;
}
