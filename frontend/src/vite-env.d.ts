// Style sheets are imported for their effect only.
declare module "*.css";
declare module "*?url" {
  const address: string;
  export default address;
}
declare module "neuroglancer";
