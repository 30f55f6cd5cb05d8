// Finds sections on the phone itself, as the server would: what is typed goes nowhere.
import MiniSearch from "/static/vendor/minisearch.js";

// The words of a text, without case or accents.
const words = (text) =>
  text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").match(/[\p{L}\p{N}]+/gu) ?? [];

/** A search over what `/manual/index.json` holds: text in, sections out, best first. */
export const finder = ({ rules, weights, index }) => {
  const sections = MiniSearch.loadJS(index, {
    fields: Object.keys(weights),
    storeFields: ["title", "chapter", "url"],
    searchOptions: { boost: weights, combineWith: "OR" },
  });
  const sounds = rules.sounds.map(([spelling, sound]) => [new RegExp(spelling, "g"), sound]);
  const [ending, kept] = [new RegExp(rules.ending[0]), rules.ending[1]];
  const idle = new Set(rules.idle);
  const spoken = (word) => sounds.reduce((said, [spelling, sound]) => said.replace(spelling, sound), word) || "h";

  const asked = (term) => {
    const sound = spoken(term);
    const stem = sound.replace(ending, kept);
    const heard = ["title_sound", "sound"];
    return {
      queries: [
        { queries: [term], fields: ["title", "body"] },
        { queries: [stem], fields: heard, prefix: stem !== sound || sound.length > rules.short },
        ...(rules.also[stem] ?? []).map((other) => ({ queries: [other], fields: heard, prefix: true })),
      ],
    };
  };

  return (text, most) => {
    const said = [...new Set(words(text.slice(0, rules.longest)))];
    const telling = said.filter((term) => !idle.has(term));
    const terms = (telling.length ? telling : said).slice(0, rules.terms);
    return terms.length ? sections.search({ queries: terms.map(asked) }).slice(0, most) : [];
  };
};
