import drawing from "../art/quail.svg";

/** Our bird. */
export function Quail({ size = 32 }: { size?: number }) {
  return <img class="quail" src={drawing} width={size} height={size} alt="" />;
}
