/** Colours of the charts of stores: apart also for those who see red and green, or any colour, alike. */
export const SERIES = ["series1", "series2", "series3", "series4", "series5", "series6"] as const;

/** What a line may look like. */
export type Tone = "accent" | "second" | "pale" | (typeof SERIES)[number];

/** The colours of the style sheet, in a form that a canvas understands. */
export type Palette = Record<Tone | "text" | "line" | "surface", string>;

const TOKENS: Record<keyof Palette, string> = {
  accent: "--accent",
  second: "--second",
  pale: "--chart-pale",
  text: "--text-3",
  line: "--chart-line",
  surface: "--surface",
  series1: "--series-1",
  series2: "--series-2",
  series3: "--series-3",
  series4: "--series-4",
  series5: "--series-5",
  series6: "--series-6",
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
