/** How the reference adapter pulls. Each switch is a bad habit that some adapter has had. */
export interface Manners {
  pullsByTag: boolean;
  ignoresRedirects: boolean;
  sendsCredentialsToStorage: boolean;
  dropsCredentials: boolean;
  knowsTokensOfOwnHostOnly: boolean;
  knowsNoTokens: boolean;
  needsHostInRealm: boolean;
  signsInWithBearer: boolean;
  cutsPasswordAtColon: boolean;
  keepsTwoPartsOfName: boolean;
  forgetsPath: boolean;
  sendsCredentialsUnasked: boolean;
  givesUpOn429: boolean;
  doesNotWaitOn429: boolean;
  pullsOften: boolean;
  pushes: boolean;
  ignoresDigests: boolean;
  unpacksCarelessly: boolean;
  trustsAnyCertificate: boolean;
  trustsNoCertificate: boolean;
  /** The only media types of layers that it reads. */
  layerTypes: readonly string[] | null;
  /** Reports what could be read before something went wrong. */
  hidesFailures: boolean;
}
