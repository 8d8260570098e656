import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';

// The only module that loads age: import it lazily. Texts are armored, so that they are text files.

/** What opens a file: an identity, or a passphrase. */
export type Opener = { readonly identity: string } | { readonly passphrase: string };

/** Makes a new identity. */
export function newIdentity(): Promise<string> {
  return generateX25519Identity();
}

/** Returns whom a text is to be encrypted for, so that the identity opens it. @throws for what is no identity */
export function recipientOf(identity: string): Promise<string> {
  return identityToRecipient(identity);
}

/** Encrypts a text for a recipient, or with a passphrase (which takes two seconds). */
export async function encrypt(
  text: string,
  how: { recipient: string } | { passphrase: string },
): Promise<string> {
  const encrypter = new Encrypter();
  if ('recipient' in how) encrypter.addRecipient(how.recipient);
  else encrypter.setPassphrase(how.passphrase);
  return armor.encode(await encrypter.encrypt(text));
}

/** Decrypts a text. @throws when it is damaged, or something else opens it */
export function decrypt(text: string, opener: Opener): Promise<string> {
  const decrypter = new Decrypter();
  if ('identity' in opener) decrypter.addIdentity(opener.identity);
  else decrypter.addPassphrase(opener.passphrase);
  return decrypter.decrypt(armor.decode(text), 'text');
}
