// A customer's wallet: it reads a withdraw link, and hands in its invoice as LUD-03 says.
import {getParams} from 'js-lnurl'

export async function withdraw({lnurl, bolt11}) {
  const {tag, callback, k1, reason, minWithdrawable, maxWithdrawable} = await getParams(lnurl)
  if (tag !== 'withdrawRequest') throw new Error(reason ?? `the link is for ${tag}`)
  const url = new URL(callback)
  url.searchParams.set('k1', k1)
  url.searchParams.set('pr', bolt11)
  const told = await (await fetch(url)).json()
  if (told.status !== 'OK') throw new Error(told.reason)
  return {least: minWithdrawable, most: maxWithdrawable}
}
