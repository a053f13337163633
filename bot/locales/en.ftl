# English: every sentence Atelier says. Values are named in braces.

## Waiting, working, done
queued = In the queue, { ORDINAL($place) ->
    [one] { $place }st
    [two] { $place }nd
    [few] { $place }rd
   *[other] { $place }th
}.
ready = Ready in about { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}.
ready-at = Ready { $countdown }.
held = { $held ->
    [one] 1 credit
   *[other] { $held } credits
} held, { $left } left.
held-alone = { $held ->
    [one] 1 credit held.
   *[other] { $held } credits held.
}
held-free = Free of charge.
held-own-key = Paid with your own key: no credits.
working = Working on it …
working-part = Working on it … { $percent } %
working-busy = The provider is busy: your turn comes in about { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}.
working-loading = The model is being loaded first: about { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}.
cancelled = Cancelled. Not charged.
cancelled-own-key = Cancelled. No credits used; what had begun may still be charged to your own account.
cancelling = { $count ->
    [one] Stopping it. No credits are charged.
   *[other] Stopping { $count } jobs. No credits are charged.
}
receipt = Used { $used ->
    [one] 1 credit
   *[other] { $used } credits
}, { $left } left.
receipt-part = Used { $used } of { $held } credits, { $back } returned, { $left } left.
receipt-nothing = { $left ->
    [one] 1 credit
   *[other] { $left } credits
} left.
receipt-free = Free of charge.
receipt-own-key = No credits used.
made-by = Made by { $model }.
made-by-other = Made by { $model }; { $asked } could not do it just now.
made-before = It was made before, of the very same request: free of charge.
paid-by-own-key = Paid with your own { $vendor } key.
own-key-fell-back = Your own { $vendor } key could not pay for it, so your credits did.
model-old-name = “{ $asked }” stands for { $model } here.
seed-left-out = { $model } takes no seed: yours was left out.
negative-left-out = { $model } has no way to leave things out: say it in the prompt.
steps-left-out = { $model } chooses its number of steps itself: yours was left out.
guidance-left-out = { $model } takes no guidance: yours was left out.
quality-left-out = { $model } does not have the quality you asked for: it was left out.
did-vary = { $strength ->
    [strong] A strong variation.
   *[other] A subtle variation.
}
did-blend = Blended into one.
did-restore = Faces restored.
did-upscale = { $scale } times as large.
upscaled-plainly = By plain resampling (Lanczos), as no model that enlarges is set up here.
did-expand = { $way ->
    [near] Zoomed out 1.5 times.
    [far] Zoomed out 2 times.
    [left] Grown to the left.
    [right] Grown to the right.
    [up] Grown upwards.
    [down] Grown downwards.
   *[other] Grown to { $way }.
}
did-region = One part drawn anew, the rest as it was.
did-region-words = Drawn anew where your words say; the rest may have changed too. A mask or a box keeps it exactly.
did-background-remove = Background removed.
did-background-replace = Background replaced.
did-describe = What could have made this picture. Press a number to draw it:
did-enhance = A better prompt. Nothing is drawn until you press the button:
made-text = { $number }. { $text }
palette-line = { $hex }  { $name }  { $share }  { $rgb }  { $hsl }
original = { $count ->
    [one] The file in full quality:
   *[other] The { $count } files in full quality:
}
original-link = This file is too large for the chat. Get it here within 15 minutes: { $url }
original-too-large = This file is too large for the chat. The operator can offer links to such files by setting PUBLIC_URL.
deleted = Deleted.

## Buttons
button-again = Again
button-edit-result = Edit
button-edit-result-numbered = Edit { $position }
button-take-one = Take
button-take-one-numbered = U{ $position }
button-vary-subtle = Vary (subtle)
button-vary-strong = Vary (strong)
button-vary-strong-numbered = V{ $position }
button-imagine-text = Draw it
button-imagine-text-numbered = Draw { $position }
button-info = Info
button-upscale-2x = Upscale 2×
button-upscale-4x = Upscale 4×
button-zoom-out = Zoom out
button-pan-left = ←
button-pan-right = →
button-pan-up = ↑
button-pan-down = ↓
button-background-remove = Remove background
button-original = Original
button-delete = Delete
button-cancel = Cancel
button-login = Open my page
button-keys-add = Add a key
button-keys-test = Test { $vendor }
button-keys-remove = Remove { $vendor }
button-keys-page = Put in a key on the page
button-portrait = Draw a portrait
button-persona-yes = I agree
button-persona-no = No
button-persona-show = Show
button-persona-remove = Remove it
button-settings = Forget these settings
button-styles = All styles
button-styles-mine = Yours
button-styles-community = Of this community
button-link-yes = Yes, it is mine
button-link-no = No
button-approve = Approve
button-refuse = Refuse
button-buy = Buy credits
button-subscribe = Subscribe
button-pay = Go to the payment
button-billing = Open my billing

## Credits
balance = You have { $free ->
    [one] 1 credit
   *[other] { $free } credits
}{ $held ->
    [0] .
   *[other] , and { $held } held for running jobs.
}
gift-given = { $amount ->
    [one] 1 credit
   *[other] { $amount } credits
} given to { $name }. You have { $left } left to give.
redeemed = The code is worth { $amount ->
    [one] 1 credit
   *[other] { $amount } credits
}. You have { $free } now.
not-enough-credits-buy = This needs { $needs ->
    [one] 1 credit
   *[other] { $needs } credits
}, you have { $has }. Nothing was started. Ask for fewer pictures or a cheaper model, or get more credits.
not-enough-credits = This needs { $needs ->
    [one] 1 credit
   *[other] { $needs } credits
}, you have { $has }. Nothing was started. Ask for fewer pictures or a cheaper model, or ask the operator for credits.

## Moderators
granted = { $name } gets { $amount ->
    [one] 1 credit
   *[other] { $amount } credits
}. Reason: { $reason } (grant { $number })
grant-waits = { $amount } credits for { $name }. Reason: { $reason }. More than { $limit } at once need a second moderator: press Approve or Refuse.
grant-refused = The grant of { $amount } credits for { $name } was refused.
revoked = { $amount ->
    [one] 1 credit
   *[other] { $amount } credits
} of grant { $number } to { $name } went back to the pool.
pool-open = The pool has { $free } credits and is open: it is filled up when you grant more.
pool-funded = The pool has { $free } credits. Only the operator adds more.
pool-here = What is granted here is good in this community only.
pool-anywhere = What is granted here is good everywhere.
pool-limits = A day: { $moderator } credits by one moderator, { $recipient } to one person. More than { $alone } at once need a second moderator.
pool-today = Granted today: { $amount }
pool-line = { $actor }: { $amount }
audit-empty = There is nothing here.
audit-line = { $number }. { $when } { $actor } { $verb ->
    [ask] asked for
    [approve] approved
    [refuse] refused
    [revoke] took back
   *[other] granted
} { $amount } for { $target }: { $reason }
audit-line-pool = { $number }. { $when } { $actor } { $verb ->
    [fund] funded the pool with
   *[other] moved
} { $amount }: { $reason }
audit-more = Older: /audit { $before }

## Queue
queue-empty = You have no jobs waiting or running.
queue-title = { $count ->
    [one] One job:
   *[other] { $count } jobs:
}
queue-line = { $place }. { $operation } ({ $state ->
    [running] running
   *[other] waiting
}) { $words }

## Help and info
help-title = What you can do here:
help-operation = /{ $command }: { $summary } ({ $credits ->
    [0] free
    [one] 1 credit a picture
   *[other] { $credits } credits a picture
})
help-operation-from = /{ $command }: { $summary } (from { $credits ->
    [one] 1 credit
   *[other] { $credits } credits
} a picture)
help-operation-off = /{ $command }: { $summary } (not available: no provider is set up)
help-queue = /queue: your jobs that wait or run
help-cancel = /cancel: stop your latest job, or all
help-balance = /balance: your credits
help-gallery = /gallery: all your pictures: favourites, several deleted or downloaded at once
help-history = /history: where your credits came from and went
help-gift = /gift: give credits that you have bought
help-redeem = /redeem: the credits of a code
help-buy = /buy: credits, /plans and /subscribe: plans, /billing: receipts
help-keys = /keys: your own keys of image vendors
help-persona = /persona: photos of yourself, kept for portraits
help-settings = /settings: your usual model, ratio, count and style, your language, and who sees your results
help-styles = /styles: looks for your pictures, and your own
help-login = /login: a link to your own page in the browser
help-models = /models: what can draw here, what it is good at and what it costs
help-info = /info: version and limits
help-moderators = For moderators: /grant, /revoke, /pool, /audit
help-tip-web = Type / to see the options of a command, or drop a picture on the page. The buttons under a result keep working.
help-tip-discord = Right-click a message with a picture, then Apps, to edit it or take its colours. The buttons under a result keep working.
help-tip-telegram = Options go behind the words: /imagine a fox --ratio 16:9 --count 2. Send a picture with a command as its caption, or reply to a picture with a command.
info-title = Atelier { $version }, an image studio for chat.
info-model = { $model }: { $title }, { $credits ->
    [0] free
    [one] 1 credit a picture
   *[other] { $credits } credits a picture
}
info-limits = Up to { $running } jobs at once and { $queued } more waiting for each person.
info-made = Made on { $when } (UTC)
info-pictures = { $count ->
    [one] With one picture, which has to be attached again.
   *[other] With { $count } pictures, which have to be attached again.
}
info-parent = { $step ->
    [1] It comes of: { $line }
   *[other] And that of: { $line }
}
models-title = Models for /{ $operation }:
models-none = Nothing here can do /{ $operation } at the moment.
models-suggestion = { $operation }
models-line = { $model }: { $title }, { $payer ->
    [key] on your own key{ $credits ->
        [0] {""}
        [one] {", "}1 credit a picture
       *[other] {", "}{ $credits } credits a picture
    }
   *[credits] { $credits ->
        [0] free
        [one] 1 credit a picture
       *[other] { $credits } credits a picture
    }
}{ $good ->
    [none] {""}
   *[other] . Good at: { $good }
}{ $ends ->
    [none] {""}
   *[other] . Until { $ends }
}

## Styles
styles-title = Styles: one of these names goes into the option style of /imagine.
styles-shipped = For all: { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
}
styles-mine = Yours: { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
}
styles-community = Of this community: { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
}
styles-add-how = Keep one of your own: /styles with do add, a name, and the words that it adds to a prompt.
styles-title-mine = Your styles:
styles-title-community = The styles of this community:
styles-none-mine = You have no styles of your own yet. Keep one: /styles with do add, a name, and the words that it adds to a prompt.
styles-none-community = This community has no styles of its own yet. Its moderators can keep some: /styles with do add and whose community.
style-line = { $style }: { $words }
style-negative = Left out: { $words }
style-is-mine = It is yours.
style-is-community = It is one of this community.
style-is-shipped = All have it.
style-added = { $replaced ->
    [yes] The style { $style } has other words now.
   *[no] The style { $style } is kept{ $whose ->
        [community] {" "}for this community
       *[mine] {""}
    }.
}
style-removed = The style { $style } is forgotten.
style-suggestion = { $style }: { $title }
made-in-style = In the style { $style }.

## Settings
settings-title = What is taken where you do not say it:
settings-kept = Kept. What is taken where you do not say it:
settings-reset = All forgotten. What is taken where you do not say it:
settings-model = Model: { $model ->
    [none] the first that can do it
   *[other] { $model }
}
settings-ratio = Ratio: { $ratio ->
    [none] as usual
   *[other] { $ratio }
}
settings-count = { $count ->
    [0] Pictures at a time: as usual
    [one] Pictures at a time: 1
   *[other] Pictures at a time: { $count }
}
settings-style = Style: { $style ->
    [none] none
   *[other] { $style }
}
settings-answers = { $answers ->
    [private] Results where others read along: for you alone
   *[public] Results where others read along: for all there
}
settings-language = { $language ->
    [auto] Language: that of the app you write with
    [en] Language: English
    [es] Language: Spanish
    [fr] Language: French
   *[other] Language: { $language }
}
settings-suggestion = { $ratio }

## The page
login = Here is your page. The link works once, within { $minutes } minutes; do not share it: whoever opens it is you.
login-already = You are signed in: this is your page.
login-no-page = The page of this Atelier can only be reached on the operator's own machine. The operator can open it by setting PUBLIC_URL.
login-over = This link has been used or is over. Ask the bot for a new one with /login.
login-needed = This page is for people who come from the chat. Send /login to the bot in Discord or Telegram and open the link it gives you.

## What can be wrong with a command
command-unknown = There is no command /{ $command }. /help shows what there is.
button-unknown = This button belongs to something that no longer exists.
option-unknown = There is no option { $option }. Options here: { $known }.
option-missing = Something is missing: { $option }. Say it and try again.
option-not-number = { $option } must be a whole number, not “{ $value }”.
option-not-decimal = { $option } must be a number, not “{ $value }”.
option-out-of-range = { $option } must be from { $min } to { $max }, not { $value }.
option-not-choice = { $option } can be { $choices }, not “{ $value }”.
option-too-long = { $option } is too long: { $length } characters, { $max } at the most. Shorten it and try again.
option-control-characters = { $option } has characters that cannot be used. Type it anew.
option-not-image = { $option } must be a picture. Attach one and try again.
image-missing = A picture is missing. Attach one, or reply to one, and try again.
illustrate-of-nothing = Say what it is about: a title, a description, or a prompt of your own.
expand-nothing = The picture has the ratio { $ratio } already. Choose another, or a way to zoom out or grow.
region-where = Say just once where to draw: a second picture as a mask, a place in words, or a box.
region-box = A box is four numbers in percent, left, top, right and bottom, such as 10, 20, 60, 80; not “{ $value }”.
background-one = Choose one of colour, picture and words for the new background.
option-not-colour = { $option } must be a colour, such as white or #ffcc00, not “{ $value }”.
already-being-made = This is being made already. It will appear in its own message.
too-few-images = This command takes at least { $min } pictures. Send them together and try again.
too-many-images = { $max ->
    [0] This command takes no pictures.
    [one] This command takes one picture. Send just one.
   *[other] This command takes up to { $max } pictures. Send fewer.
}
model-unknown = There is no model “{ $model }” here. Models for this: { $known }{ $more ->
    [0] .
   *[other] {" "}and { $more } more: /models { $operation }.
}
model-not-for = “{ $model }” cannot do /{ $operation }. Models for this: { $known }{ $more ->
    [0] .
   *[other] {" "}and { $more } more: /models { $operation }.
}
model-references = { $model } takes { $max ->
    [0] no pictures
    [one] one picture
   *[other] up to { $max } pictures
}. Use fewer, or another model.
model-references-few = { $model } needs { $min ->
    [one] a picture
   *[other] at least { $min } pictures
 } to go by.
model-ratio = { $model } draws in { $choices } only.
model-count = { $model } makes { $max ->
    [one] one picture
   *[other] up to { $max } pictures
} at a time.
styles-no-community = That is for servers and groups. Here there is none.
styles-too-many = There is room for { $max } styles. Remove one first: /styles with do remove.
style-name = A style's name has letters, digits and hyphens, { $max } at the most.
style-none = There is no style “{ $style }” to remove there. /styles shows what there is.
style-unknown = There is no style “{ $style }”. /styles shows what there is.
style-unknown-like = There is no style “{ $style }”. Names that are like it: { $like }. /styles shows all.
no-provider = Nothing here can do { $operation } at the moment: no provider is set up for it. Please tell the operator.
no-own-key = You pay with your own keys only, and none of them can do { $operation }. Add one, or choose otherwise: /keys.
no-own-key-model = You pay with your own keys only, and none of them is for “{ $model }”. Add one, or choose otherwise: /keys.
own-key-off = Your own { $vendor } key is switched off, and you have not let credits pay in its place. Nothing was started. Test it, put in another, or choose otherwise: /keys.
own-key-jobs-over = You have begun { $max } jobs on your own keys this month, the most that the plan { $plan } allows. See /plans, or pay with credits: /keys. Nothing was charged.
too-many-jobs = You have { $max } jobs waiting or running already. Wait for one to end, or stop one with /cancel. Nothing was charged.
too-many-an-hour = You have begun { $max } jobs with { $operation } within the last hour, the most that the plan { $plan } allows. Try again later, or see /plans. Nothing was charged.
paid-jobs-stopped = The books of the credits here do not add up. The operator has been told; until they are put right, only what is free works. Nothing was charged.
not-yours = This is somebody else's. Only they can do that.
job-gone = This result is gone.
job-ended = This job has ended already.
job-running = This job is still running. Stop it first.
operation-gone = { $operation } is not offered any more.
model-gone = The model { $model } is not offered any more. Not charged. Try again with another one.
internal-error = Something went wrong on our side. You only ever pay for pictures that were made. Try again; if it stays, tell the operator this number: { $reference }.
option-not-person = { $option } must be a person: choose one, name them, or reply to them.
person-unknown = I have not seen { $person } here. Name somebody who has written to me, or reply to a message of theirs.
moderators-only = Only moderators of this community can do that.
moderators-elsewhere = That is for moderators, in their own server or group. Here there is none.
target-bot = Bots and webhooks cannot have credits. Choose a person.
target-self = You cannot grant credits to yourself. Ask another moderator.
gift-self = You cannot give credits to yourself.
gift-too-much = You can give { $has } credits, not { $needs }: only what was bought can be given, and what is held for jobs has to stay.
grant-moderator-limit = One moderator can grant { $max } credits a day. You have { $left } left today.
grant-recipient-limit = One person can be granted { $max } credits a day. { $left } are left for them today.
grant-anonymous = More than { $limit } credits at once need two moderators who can be told apart. Switch off “Remain anonymous” and try again.
grant-anonymous-to-moderator = You write as the group, so I cannot tell that this is not for you: it is for an administrator. Switch off “Remain anonymous” and try again.
grant-own = Another moderator has to approve this: you asked for it yourself.
grant-for-oneself = Another moderator has to approve this: it is for you.
grant-decided = This has been decided already.
grant-gone = There is no such grant waiting in this community.
grant-unknown = There is no grant { $number } in this community. /audit shows them.
revoke-nothing = Nothing is left of grant { $number }: it is spent, held for a job, or taken back.
pool-too-small = The pool of this community has { $has } credits, not { $needs }. Ask the operator to add more.
coupon-unknown = There is no such code. Check it and try again.
coupon-used = You have used this code already.
coupon-over = This code has been used up, or is over.
coupon-pool-empty = There are no credits for codes left. Please tell the operator; the code stays good.
coupon-too-often = Too many codes that were wrong. Try again in { $minutes } minutes.

## What can be wrong with a job
job-crashes = This job failed several times and was given up. Not charged. Try it with other words or another picture.
storage-failed = The pictures could not be stored. Not charged. Please tell the operator.
provider-bad-key = { $model } did not accept the operator's key. Not charged. Please tell the operator, or choose another model.
provider-no-funds = { $model } has no funds left. Not charged. Please tell the operator, or choose another model.
provider-rate-limited = { $model } has too much to do right now. Not charged. Try again in a minute, or choose another model.
provider-refused = { $model } refused this because of its content rules. Not charged. Change the words or the picture.
moderation-flagged = Moderation here flagged this ({ $categories }), so no vendor was asked. Not charged. Change the words or the picture.
moderation-away = The moderation that looks at every request here cannot be reached. Not charged. Try again later.
provider-bad-input = { $model } could not work with this request. Not charged. Change the words or the picture, or choose another model.
provider-model-gone = { $model } is not offered by its provider any more. Not charged. Choose another model.
provider-unavailable = { $model } cannot be reached at the moment. Not charged. Try again later, or choose another model.
provider-unknown = { $model }: its answer did not come through. Not charged. Try again later, or choose another model.
provider-no-picture = { $model } sent back something that is not a usable picture. Not charged. Try again.
own-key-bad = { $vendor } did not accept your own key, so it is switched off. No credits used. Put in another one: /keys.
own-key-no-funds = Your own account at { $vendor } has no funds left. No credits used. Top it up there, or pay with credits: /keys.
own-key-rate-limited = { $vendor } takes no more from your own key right now. No credits used. Try again in a minute.
own-key-unknown = { $model }: its answer did not come through. No credits used, but your own account there may have been charged, so it was not tried again. Look there, then try again.
own-key-no-picture = { $model } sent back something that is not a usable picture. No credits used, but your own account there may have been charged.

## Telegram
telegram-question = { $what }: answer this message.
telegram-told-privately = I have written to you privately.
telegram-write-me = This answer is for you alone. Open our private chat, press Start, and I will tell you there.
button-telegram-open = Open the private chat
telegram-picture-alone = A fine picture. Reply to it with a command and I will work on it: /edit make it night, /palette, or /imagine a poster in this style. Next time the command can stand in the caption.
telegram-words-alone = Begin with a command and I will draw: /imagine a red fox in the snow. /help shows everything.
telegram-anonymous = You write as the group, so I cannot tell who you are. Switch off “Remain anonymous”, or write to me privately.
telegram-anonymous-private = This answer is for one moderator alone, and you write as the group. Switch off “Remain anonymous” for a moment, and ask again.
telegram-unsure = Telegram does not tell me whether you are an administrator here. Try again in a moment.
image-not-fetched = The picture could not be fetched from the chat. Send it again.

## The page in the browser
page-title = Atelier
page-hero = What shall we make?
page-hero-hint = Say it in plain words, type / for everything else, or drop a picture here.
page-placeholder = Describe a picture, or type /
page-input = Your words
page-send = Send
page-attach = Add pictures
page-drop = Drop your pictures here
page-remove = Remove { $name }
page-earlier = Earlier
page-latest = Back to the latest
page-sign-out = Sign out
page-menu = Commands and options
page-needed = needed
page-range = { $min } to { $max }
page-sending = Sending …
page-not-sent = This could not be sent. Your words are still here: try again.
page-lost = Connecting again …
page-close = Close
page-picture = Picture { $position }
page-preview = A first glimpse of it
page-dismiss = Remove this message
page-download = Download { $name }
page-stale = This page has grown old. Load it again and repeat that.
page-elsewhere = This request came from another website and was not carried out.
page-host = This Atelier answers only on this machine, under localhost or 127.0.0.1.
page-too-large = That is too much at once: at most { $files } files and { $max_mb } MB together.
page-not-found = There is nothing here.
page-busy = Too many pages are open at once. Close one, or try again in a minute.
page-refused = This request cannot be understood here. Go back to the page and try again.
page-back = Go to the page
page-paid = Paid, thank you. Go back to the chat: what you bought is there in a moment.
page-not-paid = Nothing was paid. Go back to the chat to choose again.
page-file-over = This link is over or not whole. Ask for the file again.
page-login-often = Too many links that do not work. Wait a minute and try again.
page-example-1 = /imagine a red fox in the snow --ratio 16:9
page-example-2 = /imagine a lighthouse at dusk, paper collage --count 4
page-example-3 = /help

## What can be wrong with a picture
image-empty = The file is empty. Send the picture again.
image-too-many-bytes = The picture has { $size_mb } MB; at most { $max_mb } MB are possible. Save it smaller, for example as JPEG.
image-too-large = The picture has { $width } × { $height } pixels; at most { $side_max } a side and { $pixels_max_mp } megapixels in all are possible. Make it smaller and send it again.
image-not-a-picture = This file is not a picture that can be read here. Send one of: { $formats }.
image-broken = The picture is damaged or incomplete. Open it, save it again, and send the new file.
image-too-heavy = Opening this picture takes too much memory or time. Save it smaller, or as a plain JPEG or PNG.
upscale-too-large = Enlarged, the picture would have { $width } × { $height } pixels; at most { $side_max } a side and { $pixels_max_mp } megapixels in all are possible. Choose a smaller scale, or a smaller picture.
denoise-too-large = The picture has { $width } × { $height } pixels; noise can be taken out of at most { $pixels_max_mp } megapixels. Send a smaller picture, or leave the noise in.
mask-empty = Nothing is marked. Paint over the place that is to change, and send it again.
mask-everything = Everything is marked, so nothing would stay. Mark only the place that is to change.
mask-other-shape = The mask has { $mask_width } × { $mask_height } pixels and the picture { $width } × { $height }: their shapes differ. Make the mask from the whole picture, without cropping it.
mask-not-of-picture = The second picture is neither a mask nor the first one painted over. Paint over a copy of the first picture, or send a mask where white is what is to change.
cutout-not-cut = This picture has no transparent background, so nothing can be laid behind it. Remove its background first.
crop-no-face = I find no face in this picture. Say --focus auto, or send another one.
palette-only-neutral = There are only greys, black and white here. Say --neutral yes to see them.
palette-transparent = The picture is fully transparent, so it has no colours. Send another one.
images-busy = Too many pictures are waiting. Try again in a minute.

## Payments
payment-credited = Paid, thank you: { $credits ->
    [one] 1 credit
   *[other] { $credits } credits
} added, you have { $left } now.
payment-restored = { $credits ->
    [one] 1 credit was
   *[other] { $credits } credits were
} given back to you, you have { $left } now.
payment-refund = A payment was refunded: { $credits ->
    [one] 1 credit was
   *[other] { $credits } credits were
} taken back, you have { $left } now.
payment-dispute = Your bank disputes a payment: until that is settled, its { $credits ->
    [one] credit is
   *[other] { $credits } credits are
} taken back. You have { $left } now.
payment-held = A payment of yours came in that does not fit what was asked for, so nothing was added. The operator has been told; ask with /paysupport and this number: { $id }.
payment-terms = Terms: { $operator }
pack-unknown = There is no pack “{ $pack }” here. Packs: { $known }.
stars-which = Which pack? You pay with Telegram Stars, and the credits are added at once. Help with a payment: /paysupport
stars-invoice = { $credits ->
    [one] 1 credit
   *[other] { $credits } credits
} for this bot, added as soon as you have paid. For you alone: nobody else can pay this invoice.
stars-sent = Here is your invoice.
stars-none = Nothing is sold for Telegram Stars here.
stars-unknown = This invoice is not known here. Nothing was taken. Ask for a new one with /stars.
stars-not-yours = This invoice is somebody else’s. Nothing was taken. Ask for your own with /stars.
stars-old = This invoice is more than a day old. Nothing was taken. Ask for a new one with /stars.
stars-changed = This pack has changed since. Nothing was taken. Ask for a new invoice with /stars.
stars-paid = This invoice is paid already. Nothing was taken again. For more credits, ask for a new one with /stars.
stars-busy = This cannot be looked up right now. Nothing was taken. Try again in a minute.
paysupport = Help with a payment: { $operator }
paysupport-operator = Help with a payment: write to whoever runs this bot, and tell them the number of the payment.
paysupport-payments = { $count ->
    [0] You have not paid anything yet.
    [one] Your last payment:
   *[other] Your last { $count } payments:
}
paysupport-payment = { $date } · { $item } · { $credits ->
    [0] no credits, or given back
    [one] 1 credit
   *[other] { $credits } credits
} · { $id }
premium = Credits from Discord: choose one, Discord asks for the money, and the credits are added at once. Help with a payment: /paysupport
premium-none = Nothing is sold by Discord here.
till-failed = { $till } cannot be reached right now. Nothing was charged. Try again in a few minutes.

## Credits in detail
balance-expires = { $credits ->
    [one] 1 of them expires
   *[other] { $credits } of them expire
} on { $date } ({ $source ->
    [plan] from your plan
    [grant] granted by a moderator
    [operator] from the operator
    [coupon] from a coupon
    [signup] to begin with
   *[other] bought
}).
balance-here = { $credits ->
    [one] 1 more credit is
   *[other] { $credits } more credits are
} good in this community only, and spent here first.
balance-elsewhere = { $credits ->
    [one] 1 more credit is
   *[other] { $credits } more credits are
} good in { $community } only.
balance-month = Plan: { $plan }. Used this month: { $used }. Your next month begins on { $date }.
balance-plan-left = { $left } of this month's { $credits } credits of the plan are left.
balance-low = Your credits have fallen below the limit you set. /{ $command } shows what is left.
notify-set = { $below ->
    [0] You will not be told when your credits run low.
   *[other] You will be told once when you have fewer than { $below } credits.
}
history-title = Your latest credits, newest first:
history-further = Further back:
history-empty = Nothing has happened with your credits yet.
history-file = All your credits' comings and goings as a CSV file:
history-line = { $date }  { $change }  { $kind ->
    [spend] used for { $note }
    [signup] to begin with
    [grant] granted by a moderator: { $note }
    [revoke] a grant taken back: { $note }
    [operator] from the operator { $note }
    [pack] bought: { $note }
    [plan] this month's credits: { $note }
    [gift] a gift { $note }
    [coupon] a coupon redeemed
    [refund] a payment refunded: { $note }
    [dispute] a payment disputed: { $note }
    [restore] given back: { $note }
    [expire] expired
    [link] moved with a linked account
   *[other] { $kind } { $note }
}
button-history = Further back
button-file = Download

## The gallery
gallery-title = { $show ->
    [favourites] Your favourites, newest first:
    [operation] What /{ $name } made for you, newest first:
    [persona] Your pictures of { $name }, newest first:
   *[newest] Your pictures, newest first:
}
gallery-line = { $place }. { $star ->
    [yes] ★{" "}
   *[no] {""}
}{ $words } ({ $operation }, { $date })
gallery-empty = { $show ->
    [favourites] You have no favourites yet. Open a picture in /gallery and press Favourite.
    [operation] Nothing made by /{ $name } is in your gallery.
    [persona] There are no pictures of { $name } in your gallery.
   *[newest] Your gallery is empty. What you make comes here: begin with /imagine a red fox in the snow
}
gallery-files-gone = Not shown, because their files are gone: { $numbers }
gallery-file-gone = The file of this picture is gone.
gallery-place-gone = Nothing of that is left in your gallery. /gallery shows the rest.
gallery-made = Made with /{ $operation }{ $model ->
    [none] {""}
   *[other] , { $model }
} on { $date }. { $width } × { $height } pixels.
gallery-persona = Persona: { $persona }
gallery-downloads = { $count ->
    [one] Downloaded once.
   *[other] Downloaded { $count } times.
}
gallery-suggestion = { $name }
gallery-numbers = Say the numbers of pictures on the page, from 1 to { $max }, such as 1 3 5 or 2-4, or: all. Not “{ $value }”.
gallery-changed = Your gallery has changed since this page was made, so its numbers may mean other pictures. Nothing was deleted. Open it anew with /gallery.
gallery-delete-ask = { $count ->
    [one] Delete this picture
   *[other] Delete these { $count } pictures
}{ $favourites ->
    [0] {""}
    [one] , one of them a favourite
   *[other] , { $favourites } of them favourites
}? They cannot be brought back. Nothing happens unless you say yes.
gallery-delete-left = { $count ->
    [one] 1 more is older: it is not among them, for so many cannot go at once.
   *[other] { $count } more are older: they are not among them, for so many cannot go at once.
}
gallery-question-over = This question is over, or it was not asked of you. /gallery shows your pictures.
gallery-deleted = { $count ->
    [one] 1 picture deleted.
   *[other] { $count } pictures deleted.
}
gallery-deleted-before = These pictures are gone already.
gallery-messages-stay = { $count ->
    [one] One result keeps other pictures, so its message in the chat stands as it was.
   *[other] { $count } results keep other pictures, so their messages in the chat stand as they were.
}
gallery-running-left = { $count ->
    [one] One job of yours still waits or runs and was left alone: /cancel stops it.
   *[other] { $count } jobs of yours still wait or run and were left alone: /cancel stops them.
}
gallery-zip = { $count ->
    [one] 1 picture, and a table of what it was made by:
   *[other] { $count } pictures, and a table of what each was made by:
}
gallery-zip-left = { $count ->
    [one] 1 older picture is left out, for this chat takes no larger file. Open it and press Original.
   *[other] { $count } older pictures are left out, for this chat takes no larger file. Open one and press Original.
}
gallery-zip-left-page = { $count ->
    [one] 1 older picture is left out, for this chat takes no larger file. Everything in one file: { $url } (/login lets you in)
   *[other] { $count } older pictures are left out, for this chat takes no larger file. Everything in one file: { $url } (/login lets you in)
}
gallery-zip-too-large = Even the newest picture alone is too large a file for this chat. Open one and press Original.
gallery-zip-too-large-page = Even the newest picture alone is too large a file for this chat. Everything in one file: { $url } (/login lets you in)
gallery-zip-here = All these pictures as one file, with a table of what each was made by:
favourite-added = ★ It is one of your favourites now.
favourite-removed = It is none of your favourites any more.
button-gallery = Open my gallery
button-gallery-delete = Delete several
button-gallery-delete-yes = Yes, delete
button-gallery-download = Download all
button-open = Open
button-open-numbered = Open { $position }
button-open-parent = What it was made from
button-favourite = Favourite
button-favourite-numbered = Favourite { $position }
button-original-numbered = Original { $position }
button-delete-numbered = Delete { $position }

## The gallery in the browser
gallery-page-title = Gallery
gallery-page-newest = Newest
gallery-page-favourites = Favourites
gallery-page-filter = What is shown
gallery-page-select = Select: { $words }
gallery-page-star = Favourite: { $words }
gallery-page-view = Full size
gallery-page-details = All about it
gallery-page-more = Older
gallery-page-back = Newer
gallery-page-delete = Delete
gallery-page-zip = Download
gallery-page-zip-all = Download all
gallery-page-delete-all = Delete all
gallery-page-clear = Clear selection
gallery-page-chosen = Selected: { $count }
gallery-page-none = Nothing was selected.
gallery-page-keep = Keep them
gallery-page-parameters = What it was made by
gallery-page-all = Select all
gallery-page-zips = Your last downloads are still running. Wait for one to end, then try again.
gallery-page-next = Next picture
gallery-page-previous = Previous picture

## Linking accounts
link-code = Type this on the other platform within { $minutes } minutes: /link { $code }. What is there then comes here: credits, plan and results. Do not show the code to anybody.
link-ask = Shall this account go into that of { $account }? { $credits ->
    [one] 1 credit goes
   *[other] { $credits } credits go
} there, with the plan, all results and all personas, and whoever has that account has them then. Say yes only if it is yours. You have { $minutes } minutes.
link-left = Nothing was changed: both accounts stay as they are.
link-over = This question is over, or it was not asked of you. Send /link on the other platform for a new code.
link-done = Both accounts are one now: { $credits ->
    [one] 1 credit has
   *[other] { $credits } credits have
} come over, with the results and the plan. (Link { $link })
link-bonus = The credits to begin with are had once only: { $credits } of them went back.
link-code-wrong = This code is not right, or it is over. Send /link on the other platform for a new one.
link-same = This is one account already. Type the code on the other platform.
link-busy = A job of yours is still waiting or running. Let it end, or stop it with /cancel, and try again.
link-two-plans = Both accounts have a plan that is paid for. End one of them with /billing first.
link-gone = There is no such link.
link-newer = This account has gone into another one since. Undo that newer link first.

## Plans
plan-subscribed = This person pays for the plan { $plan } at { $till }. It has to end there before another can be given.
plan-unknown = There is no plan { $plan }. Plans: { $known }.
stars-pack = { $title }: { $stars } ⭐
plan-credited = Paid, thank you: your plan { $item } brings { $credits ->
    [1] 1 credit
   *[other] { $credits } credits
} for this month. You have { $left } now.
plan-begun = Paid, thank you: you are on the plan { $item } now. /plans shows what it brings.
plan-past-due = Your plan { $item } could not be paid: the card was refused. It goes on for a few days; /billing leads to the page where you can change the card.
plan-ended = Your plan { $item } has ended. /plans shows what there is.
payment-failed = The payment for { $item } did not succeed. Nothing was credited. Try again with /buy, perhaps in another way.
card-refused = The card was refused, so nothing was changed. /billing leads to the page where you can use another one.
shop-closed = Nothing is sold here. The operator can give you credits.
buy-title = Credits:
buy-pack = { $place }. { $title }: { $price } (/buy { $item })
buy-link = { $title } for { $price }: pay on the next page. The credits come by themselves, and I will say so here. The link is yours alone and good for a day.
subscribe-link = The plan { $title } for { $price } a month: pay on the next page. It begins by itself, and I will say so here. The link is yours alone and good for a day.
plan-changed = You are on the plan { $title } from now on, for { $price } a month. What is left of this month is settled at once; credits come for what you pay.
plan-lowered = You are on the plan { $title } from now on, for { $price } a month from the next month. The credits of this month stay yours; nothing is paid back.
plan-already = You are on the plan { $plan } already.
plan-on-request = The plan { $plan } is on request: please write to the operator.
plan-yours = Your plan: { $title }.
plan-yours-renews = Your plan: { $title }, until { $until }, then it is renewed.
plan-yours-ends = Your plan: { $title }, until { $until }, then it ends.
plan-yours-past-due = Your plan: { $title }. It could not be paid: change the card with /billing.
plan-line = { $title }: { $sold ->
    [free] free
    [request] on request
   *[other] { $price } a month
}{ $credits ->
    [0] {""}
    [one] , 1 credit a month
   *[other] , { $credits } credits a month
}, { $running } jobs at once and { $queued } waiting.
billing = Your receipts, your card and your subscription are on this page. The link is yours alone.
billing-none = You have not bought anything yet. /buy shows what there is.
payment-unknown = There is no payment { $payment } here, or its till is not set up.
offer = { $title }: { $price }

## Own keys
key-malformed = That does not look like a key of { $vendor }: letters, digits and signs without spaces, 12 to 512 of them. Nothing was kept.
key-refused = { $vendor } does not take this key. Look whether it is whole and still valid there, or make a new one.
key-not-tried = { $vendor } could not be asked whether this key is good, so nothing was changed. Please try again in a while.
keys-too-many = Your plan has room for { $limit ->
    [0] no keys of your own
    [one] one key of your own
   *[other] { $limit } keys of your own
}. /plans shows what others have; /keys remove makes room.
keys-unreadable = Your keys here cannot be opened any more: the master key of this place is another one. Please tell the operator. To go on without waiting, remove your keys and put them in again.
key-none = You have no key for { $vendor } here.
key-off = Your key for { $vendor } is switched off. /keys test tries it again.
key-ticket-over = This link is over, or it was used. Ask for a new one with /keys add.
key-switched-off = Your key for { $vendor } that ends in { $last4 } is switched off: { $reason ->
    [bad-key] { $vendor } does not take it any more
   *[other] it could not be used
}. /keys add takes a new one, /keys test tries this one again.
keys-vendor = { $vendor }
keys-nowhere = Nobody here takes keys of your own: none of the image vendors of this Atelier does.
keys-none = You have no keys of your own here. With one, its vendor bills you for your pictures, and they cost no credits. Vendors: { $vendors }. /keys add takes one.
keys-none-yet = You have no keys of your own here. /keys add takes one.
keys-which = Which one?
key-line = { $vendor }, key ending in { $last4 }: { $state ->
    [active] works
   *[off] switched off, { $reason ->
        [bad-key] { $vendor } does not take it any more
       *[other] it could not be used
    }
}. Last success: { $date }. { $used ->
    [0] Not used this month.
    [one] Used once this month.
   *[other] Used { $used } times this month.
}
keys-prefer = { $prefer ->
    [credits] Credits pay first, and your own key where they do not reach.
    [only] Only your own keys pay, your credits never do.
   *[own] { $fallback ->
        [yes] Your own key pays first, and your credits where it cannot.
       *[no] Your own key pays first; where it cannot, your credits do not step in.
    }
} Change it: /keys prefer
keys-prefer-how = “own”: your own key first. “credits”: credits first. “only”: never credits. With “fallback yes”, credits may pay where your own key cannot.
keys-add-window = Choose whose key it is: a window opens for it, which nobody else sees. Never write a key into the chat.
keys-add-link = Put the key in on this page, never into the chat. The link works for one key, within { $minutes } minutes; do not share it: whoever opens it puts a key into your account.
keys-add-here = Keys are put in on a page of their own, never in here.
keys-no-page = Keys are put in on the page, which can only be reached on the operator's own machine here. The operator can open it by setting PUBLIC_URL to an https address.
keys-page-not-safe = No keys can be put in on the page of this Atelier: it is reached without https, so others on the way could read them. The operator has to set PUBLIC_URL to an https address.
key-added = Your key for { $vendor } that ends in { $last4 } works and is kept, sealed{ $replaced ->
    [yes] , in the place of the one before
   *[no] {""}
}.
key-works = Your key for { $vendor } works.
key-models = It may use { $count ->
    [0] no models
    [one] one model
   *[other] { $count } models
} there.
key-funds = Left at { $vendor }: { $funds }
key-no-funds = There is no money left at { $vendor }: add some there, or it makes no pictures.
key-removed = Your key for { $vendor } is forgotten here. At { $vendor } it still exists: if nothing else uses it, revoke it there.
key-pasted = There was a key of { $vendor } in what you wrote. It was not used, nothing was charged, and nothing of it was kept. But it has been in a chat: revoke it at { $url }, make a new one there, and put that in with /keys add.
key-pasted-deleted = I have deleted your message.
key-pasted-stands = I could not delete your message: please do it yourself.

## The page where a key is put in
keys-page-title = Your own key
keys-page-lead = { $account } will use it: pictures made with it are paid at the vendor, by you. If that is not you, put nothing in here.
keys-page-whose = Whose key is it?
keys-page-get = Get a key
keys-page-key = The key
keys-page-send = Try it and keep it
keys-page-kept = It is tried once, without costing anything, then kept sealed (encrypted) and opened for one picture at a time. Nobody can look at it again, you neither. /keys remove forgets it.
keys-page-once = This link works for one key. If a key is not right, correct it here.
keys-too-often = Too many keys were tried. Wait a minute and try again.
keys-page-done = Done
keys-page-close = You can close this page now. /keys shows your keys.

## Personas
persona-ask = “{ $persona }”, { $count ->
    [one] one photo
   *[other] { $count } photos
}: nothing is kept before you agree.
persona-ask-use = With your yes they are looked at here, for one face that can be seen well, and kept until you remove them with /persona remove { $persona }. For each portrait that you ask for, they are sent to the image vendor that draws it.
persona-ask-moderated = Before it draws, the moderation that the operator has chosen is shown them too.
persona-ask-whose = They must show yourself, or somebody who has agreed to this. No other user sees or uses them; they lie in the storage of whoever runs this Atelier.
persona-ask-keep = “No” deletes them at once. Without an answer within { $minutes } minutes they are deleted too.
persona-ready = “{ $persona }” is ready, with { $count ->
    [one] one photo
   *[other] { $count } photos
}.
persona-failed = “{ $persona }” cannot be used: not every photo is fit, and none was kept.
persona-checking = “{ $persona }” is being looked at. Ask again in a moment.
persona-photo = Photo { $position }: { $reason ->
    [no-face] no face is found. Use one that shows the face from the front, in good light.
    [several-faces] there are several faces. Use one of a single person.
    [too-small] it is too small, or the face in it is. Come closer, or send a larger picture.
    [too-blurred] it is blurred. Use a sharp one.
    [gone] its file is gone. Send it again.
   *[other] it cannot be read. Save it anew as JPEG or PNG.
}
persona-again = Send all of them again, with better ones in their place: /persona create { $persona }
persona-line = { $persona }: { $state ->
    [ready] ready, { $count ->
        [one] one photo
       *[other] { $count } photos
    }
    [failed] cannot be used, its photos were not fit
    [asked] waits for your yes
   *[checking] is being looked at
}
persona-name = { $persona }
persona-which = Which one?
personas-none = You have no personas yet. Send 1 to { $max } photos of one person with /persona create and a name.
persona-refused = The photos are deleted, nothing was kept.
persona-removed = “{ $persona }” is removed, and its photos are deleted.
persona-unknown = You have no persona “{ $persona }”. /persona shows yours.
persona-over = This is over: nobody agreed in time, or it was removed. /persona shows what you have.
persona-agreed = You have agreed already. To delete the photos: /persona remove { $persona }
persona-name-taken = You have a persona “{ $persona }” already. Choose another name, or remove that one first: /persona remove { $persona }
personas-too-many = You have { $limit } personas, as many as there can be. Remove one first: /persona remove
persona-not-ready = “{ $persona }” cannot be used yet: { $state ->
    [asked] you have not agreed to its photos
    [checking] its photos are being looked at
   *[failed] its photos were not fit
}. Nothing was charged. See /persona show { $persona }
persona-not-checked = The photos cannot be looked at right now. Press again in a minute.
persona-draw = Draw it with /portrait { $persona }, or by the button.
persona-gone = The persona “{ $persona }” has been removed, so it cannot be drawn. Not charged.
did-portrait = A portrait by { $photos ->
    [one] one photo
   *[other] { $photos } photos
}.
