/** A name somebody typed: shown as text in its own direction, cut off where there is no room. */
export function Name({ text }: { text: string }) {
  return (
    <bdi class="name" dir="auto" title={text.length > 24 ? text : undefined}>
      {text}
    </bdi>
  );
}
