"""The reference machine: reads a seed once, connects to its signer, and signs as a key it never
holds. Needs nostr-sdk, websockets, zxing-cpp and Pillow; nothing of LNbits."""
