// What Vite adds to the module system: a style sheet as a text.
declare module '*.css?inline' {
  const css: string;
  export default css;
}
