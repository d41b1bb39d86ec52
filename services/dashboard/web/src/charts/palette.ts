/** The colours of the style sheet, in a form that a canvas understands. */
export interface Palette {
  accent: string;
  second: string;
  pale: string;
  text: string;
  line: string;
  surface: string;
}

const TOKENS: Record<keyof Palette, string> = {
  accent: "--accent",
  second: "--second",
  pale: "--chart-pale",
  text: "--text-3",
  line: "--chart-line",
  surface: "--surface",
};

/** Tokens are `light-dark(…)`: only the colour of an element is computed to what it means at present. */
export function readPalette(): Palette {
  const probe = document.createElement("i");
  document.body.append(probe);
  const entries = Object.entries(TOKENS).map(([name, token]) => {
    probe.style.color = `var(${token})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries) as Palette;
}

/** A colour of the palette (`rgb(r, g, b)`) with an opacity. */
export function withOpacity(color: string, opacity: number): string {
  const [red, green, blue] = color.match(/[\d.]+/g) ?? [];
  return `rgba(${red}, ${green}, ${blue}, ${opacity})`;
}

/** The charts' font and size. */
export function readFont(): { fontFamily: string; fontSize: number } {
  const { fontFamily } = getComputedStyle(document.body);
  return { fontFamily, fontSize: 12 };
}
