import { Weighted } from "./random.ts";

export interface Product {
  name: string;
  /** The last part of the product's page. */
  slug: string;
  /** The price of one, in cents. It never changes. */
  cents: number;
}

/** The shop's price list, best sellers first. */
const PRICE_LIST: readonly (readonly [name: string, price: string])[] = [
  ["Stoneware Mug 350 ml", "8.95"],
  ["Organic Coffee Beans 1 kg", "17.90"],
  ["Soy Candle Fig", "14.50"],
  ["Cotton Tea Towel", "6.95"],
  ["Insulated Bottle 500 ml", "24.90"],
  ["Linen Cushion Cover 45 x 45", "19.95"],
  ["Olive Oil Soap", "4.25"],
  ["A5 Notebook Dotted", "7.50"],
  ["Glass Storage Jar 1 l", "9.90"],
  ["Wool Throw Grey", "59.00"],
  ["Bamboo Cutting Board", "22.50"],
  ["Earl Grey Tea 100 g", "8.40"],
  ["LED Desk Lamp", "44.90"],
  ["Enamel Plant Pot 14 cm", "12.75"],
  ["Bath Towel Organic Cotton", "21.95"],
  ["Gel Pen Set of 5", "5.80"],
  ["Cast Iron Skillet 26 cm", "39.90"],
  ["Canvas Tote Bag", "11.90"],
  ["French Press 1 l", "29.90"],
  ["Beeswax Wraps Set of 3", "13.20"],
  ["Ceramic Bowl 16 cm", "10.95"],
  ["Dark Chocolate 70 % 100 g", "3.60"],
  ["Wall Clock Oak 30 cm", "49.00"],
  ["Chef's Knife 20 cm", "64.90"],
  ["Hand Cream Shea 75 ml", "9.20"],
  ["Wooden Toy Train", "27.50"],
  ["Down Pillow 50 x 70", "42.00"],
  ["Scented Diffuser Cedar", "26.90"],
  ["Stainless Steel Kettle 1.7 l", "54.95"],
  ["Woven Storage Basket", "18.60"],
  ["Percale Duvet Cover 135 x 200", "69.90"],
  ["Wildflower Honey 500 g", "9.75"],
  ["Picture Frame 30 x 40", "16.90"],
  ["Bluetooth Speaker Mini", "34.95"],
  ["Gift Wrap Roll Botanical", "3.95"],
  ["Wine Glasses Set of 4", "31.80"],
  ["Yoga Mat Cork", "58.50"],
  ["Digital Kitchen Scale", "23.90"],
  ["Terracotta Saucer 14 cm", "4.10"],
  ["Leather Key Ring", "12.30"],
  ["Board Game Harvest", "36.90"],
  ["Umbrella Compact", "19.90"],
  ["Salt and Pepper Mill Set", "38.40"],
  ["Desk Organiser Ash", "28.75"],
  ["Linen Tablecloth 140 x 220", "62.00"],
  ["Rechargeable Bicycle Light", "25.60"],
  ["Wool Socks", "13.90"],
  ["Jigsaw Puzzle 1000 Pieces", "17.25"],
  ["Espresso Cups Set of 2", "15.40"],
  ["Watering Can 5 l", "21.30"],
  ["Floor Lamp Tripod", "129.00"],
  ["Backpack Roll Top 20 l", "89.90"],
  ["Merino Scarf", "47.50"],
  ["Cocktail Shaker", "26.40"],
  ["Wall Shelf Walnut 80 cm", "74.90"],
  ["Baking Stone 38 cm", "33.70"],
  ["Postcard Set of 10", "6.40"],
  ["Alarm Clock Retro", "29.25"],
  ["Hammock Double", "79.00"],
  ["Espresso Machine Compact", "249.00"],
  ["Wool Rug 160 x 230", "329.00"],
  ["Lounge Chair Beech", "449.00"],
];

export const CATALOGUE: readonly Product[] = PRICE_LIST.map(([name, price]) => ({
  name,
  slug: name
    .toLowerCase()
    .replaceAll("'", "")
    .replace(/[^a-z0-9]+/g, "-"),
  cents: Number(price.replace(".", "")),
}));

/** Draws products by popularity, which falls with the rank as in Zipf's law (1 / (rank + 2)). */
export const POPULAR_PRODUCTS = new Weighted(CATALOGUE, (_product, index) => 1 / (index + 3));
