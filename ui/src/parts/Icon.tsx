/** Small line drawings, all on a 24 x 24 field; decoration only, the words stand beside them. */
const SHAPES = {
  grid: "M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z",
  events: "M4 6h4M4 12h4M4 18h4M12 6h8M12 12h8M12 18h5",
  plus: "M12 5v14M5 12h14",
  search: "M10.500 4.500a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5",
  gear: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400",
  moon: "M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10z",
  auto: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 4v16M15 6.500v11M18 9v6",
  camera: "M3.500 8.500h11v8h-11zM14.500 11.500l6-3v8l-6-3",
  cameraOff: "M3.500 8.500h8M14.500 11.500l6-3v8l-4-2M3.500 8.500v8h11M4 4l16 16",
  download: "M12 4v10M8 11l4 4 4-4M5 19h14",
  picture: "M4 5.500h16v13H4zM4 16l4.500-4.500 4 4 3-3L20 17M15.500 9.200v.1",
  left: "M14.500 5.500L8 12l6.500 6.500",
  right: "M9.500 5.500L16 12l-6.500 6.500",
  up: "M5.500 14.500L12 8l6.500 6.500",
  down: "M5.500 9.500L12 16l6.500-6.500",
  sound: "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4 4 0 0 1 0 6M18 6.500a7.500 7.500 0 0 1 0 11",
  mute: "M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM16 9.500l5 5M21 9.500l-5 5",
  expand: "M9 4H4v5M15 4h5v5M9 20H4v-5M15 20h5v-5",
  alert: "M12 4L2.800 19.500h18.400zM12 10v4.500M12 17v.1",
  check: "M5 12.500l4.500 4.500L19 7.500",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 7.500V12l3 2",
  trash: "M5 7h14M9.500 7V4.500h5V7M7 7l.8 12.500h8.400L17 7",
  person: "M12 4.500a3.800 3.800 0 1 0 0 7.600 3.800 3.800 0 0 0 0-7.600zM4.500 20c.8-4 3.700-5.500 7.500-5.500s6.700 1.500 7.500 5.500",
  key: "M8 10.500a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 11.800L19.500 4M16 7.200l2.500 2.500",
  place: "M12 21c4.500-5 6.500-8.200 6.500-11a6.500 6.500 0 0 0-13 0c0 2.800 2 6 6.500 11zM12 7.800a2.300 2.300 0 1 0 0 4.600 2.300 2.300 0 0 0 0-4.600z",
  leave: "M14 4.500H5v15h9M10 12h10M17 8.500l3.500 3.500-3.500 3.500",
  question: "M8.500 9a3.500 3.500 0 1 1 5 3.200c-1 .5-1.500 1.200-1.500 2.300M12 18v.1",
  play: "M8 5.500v13l10.500-6.500z",
  pause: "M8.500 5.500v13M15.500 5.500v13",
  frameBack: "M17 6.500v11L9 12zM6.500 6.500v11",
  frameOn: "M7 6.500v11l8-5.500zM17.500 6.500v11",
  keep: "M7 4h10v16l-5-4-5 4z",
  film: "M4 5.500h16v13H4zM8 5.500v13M16 5.500v13M4 12h16M4 8.800h4M4 15.200h4M16 8.800h4M16 15.200h4",
  calendar: "M4.500 6.500h15v13h-15zM4.500 10.500h15M8.500 4v4M15.500 4v4",
  minus: "M5 12h14",
  disk: "M4 13.500h16v5H4zM6 13.500L8 5h8l2 8.500M16.500 16h.1",
  dot: "M12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, size = 22 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
