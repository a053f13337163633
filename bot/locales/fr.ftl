# Français : toutes les phrases d’Atelier. Les valeurs sont nommées entre accolades.

## Attente, travail, fin
queued = En file d’attente, { $place }{ ORDINAL($place) ->
    [one] re
   *[other] e
} place.
ready = Prêt dans environ { $seconds ->
    [one] 1 seconde
   *[other] { $seconds } secondes
}.
ready-at = Prêt { $countdown }.
held = { $held ->
    [one] { $held } crédit réservé
   *[other] { $held } crédits réservés
}, il en reste { $left }.
held-alone = { $held ->
    [one] 1 crédit réservé.
   *[other] { $held } crédits réservés.
}
held-free = Gratuit.
held-own-key = Payé avec votre propre clé : aucun crédit.
working = En cours …
working-part = En cours … { $percent } %
working-busy = Le fournisseur est occupé : ce sera votre tour dans { $seconds ->
    [one] 1 seconde
   *[other] { $seconds } secondes
} environ.
working-loading = Le modèle est d’abord chargé : encore { $seconds ->
    [one] 1 seconde
   *[other] { $seconds } secondes
} environ.
cancelled = Annulé. Rien n’est débité.
cancelled-own-key = Annulé. Aucun crédit utilisé ; ce qui avait commencé peut être débité de votre propre compte.
cancelling = { $count ->
    [one] Arrêt en cours. Aucun crédit n’est débité.
   *[other] Arrêt de { $count } tâches en cours. Aucun crédit n’est débité.
}
receipt = { $used ->
    [one] { $used } crédit utilisé
   *[other] { $used } crédits utilisés
}, il en reste { $left }.
receipt-part = { $used } crédits utilisés sur { $held }, { $back } rendus, il en reste { $left }.
receipt-nothing = { $left ->
    [one] Il reste { $left } crédit.
   *[other] Il reste { $left } crédits.
}
receipt-free = Gratuit.
receipt-own-key = Aucun crédit utilisé.
made-by = Réalisé par { $model }.
made-by-other = Fait par { $model } ; { $asked } n’a pas pu le faire à l’instant.
made-before = Déjà faite auparavant, de la même demande exactement : gratuit.
paid-by-own-key = Payé avec votre propre clé { $vendor }.
own-key-fell-back = Votre propre clé { $vendor } n’a pas pu payer ; vos crédits l’ont fait.
model-old-name = « { $asked } » désigne ici { $model }.
seed-left-out = { $model } ne prend pas de seed : le vôtre n’a pas servi.
negative-left-out = { $model } ne sait pas exclure des éléments : dites-le dans la description.
steps-left-out = { $model } choisit lui-même son nombre d’étapes : le vôtre a été laissé de côté.
guidance-left-out = { $model } ne prend pas de guidage : le vôtre a été laissé de côté.
quality-left-out = { $model } n’a pas la qualité demandée : elle a été laissée de côté.
did-vary = { $strength ->
    [strong] Une variation marquée.
   *[other] Une variation légère.
}
did-blend = Fondues en une seule.
did-restore = Visages restaurés.
did-upscale = { $scale } fois plus grande.
upscaled-plainly = Par simple rééchantillonnage (Lanczos), car aucun modèle d’agrandissement n’est installé ici.
did-expand = { $way ->
    [near] Zoom arrière de 1,5.
    [far] Zoom arrière de 2.
    [left] Agrandie vers la gauche.
    [right] Agrandie vers la droite.
    [up] Agrandie vers le haut.
    [down] Agrandie vers le bas.
   *[other] Agrandie à { $way }.
}
did-region = Une partie redessinée, le reste inchangé.
did-region-words = Redessiné là où vos mots le disent ; le reste a pu changer aussi. Un masque ou un cadre le garde tel quel.
did-background-remove = Arrière-plan retiré.
did-background-replace = Arrière-plan remplacé.
did-describe = Ce qui aurait pu donner cette image. Appuyez sur un numéro pour le dessiner :
did-enhance = Une meilleure description. Rien n’est dessiné avant que vous n’appuyiez sur le bouton :
made-text = { $number }. { $text }
palette-line = { $hex }  { $name }  { $share }  { $rgb }  { $hsl }
original = { $count ->
    [one] Le fichier en pleine qualité :
   *[other] Les { $count } fichiers en pleine qualité :
}
original-link = Ce fichier est trop volumineux pour la discussion. Il se trouve ici pendant 15 minutes au plus : { $url }
original-too-large = Ce fichier est trop volumineux pour la discussion. L’opérateur peut proposer des liens vers ces fichiers en définissant PUBLIC_URL.
deleted = Supprimé.

## Boutons
button-again = Encore
button-edit-result = Modifier
button-edit-result-numbered = Modifier { $position }
button-take-one = Prendre
button-take-one-numbered = U{ $position }
button-vary-subtle = Varier (un peu)
button-vary-strong = Varier (beaucoup)
button-vary-strong-numbered = V{ $position }
button-imagine-text = Dessiner
button-imagine-text-numbered = Dessiner { $position }
button-info = Infos
button-upscale-2x = Agrandir 2×
button-upscale-4x = Agrandir 4×
button-zoom-out = Zoom arrière
button-pan-left = ←
button-pan-right = →
button-pan-up = ↑
button-pan-down = ↓
button-background-remove = Retirer le fond
button-original = Original
button-delete = Supprimer
button-cancel = Annuler
button-login = Ouvrir ma page
button-keys-add = Ajouter une clé
button-keys-test = Essayer { $vendor }
button-keys-remove = Retirer { $vendor }
button-keys-page = Saisir une clé sur la page
button-portrait = Dessiner un portrait
button-persona-yes = J’accepte
button-persona-no = Non
button-persona-show = Montrer
button-persona-remove = Retirer
button-settings = Oublier ces réglages
button-styles = Tous les styles
button-styles-mine = Les vôtres
button-styles-community = De cette communauté
button-link-yes = Oui, il est à moi
button-link-no = Non
button-approve = Approuver
button-refuse = Refuser
button-buy = Acheter des crédits
button-subscribe = S’abonner
button-pay = Aller au paiement
button-billing = Ouvrir ma facturation

## Crédits
balance = Vous avez { $free ->
    [one] { $free } crédit
   *[other] { $free } crédits
}{ $held ->
    [0] .
    [one] , plus { $held } réservé pour les tâches en cours.
   *[other] , plus { $held } réservés pour les tâches en cours.
}
gift-given = { $amount ->
    [one] { $amount } crédit donné
   *[other] { $amount } crédits donnés
} à { $name }. Il vous en reste { $left } à donner.
redeemed = Le code vaut { $amount ->
    [one] { $amount } crédit
   *[other] { $amount } crédits
}. Vous en avez { $free } maintenant.
not-enough-credits-buy = Il faut { $needs ->
    [one] { $needs } crédit
   *[other] { $needs } crédits
}, vous en avez { $has }. Rien n’a été lancé. Demandez moins d’images ou un modèle moins cher, ou prenez des crédits.
not-enough-credits = Il faut { $needs ->
    [one] { $needs } crédit
   *[other] { $needs } crédits
}, vous en avez { $has }. Rien n’a été lancé. Demandez moins d’images ou un modèle moins cher, ou demandez des crédits à l’opérateur.

## Modération
granted = { $name } reçoit { $amount ->
    [one] { $amount } crédit
   *[other] { $amount } crédits
}. Motif : { $reason } (attribution { $number })
grant-waits = { $amount } crédits pour { $name }. Motif : { $reason }. Au-delà de { $limit } à la fois, il faut un second modérateur : appuyez sur Approuver ou Refuser.
grant-refused = L’attribution de { $amount } crédits à { $name } a été refusée.
revoked = { $amount ->
    [one] { $amount } crédit
   *[other] { $amount } crédits
} de l’attribution { $number } à { $name } : retour à la cagnotte.
pool-open = La cagnotte a { $free } crédits et elle est ouverte : elle se remplit quand vous en attribuez plus.
pool-funded = La cagnotte a { $free } crédits. Seul l’opérateur en ajoute.
pool-here = Ce qui est attribué ici n’est valable que dans cette communauté.
pool-anywhere = Ce qui est attribué ici est valable partout.
pool-limits = Par jour : { $moderator } crédits par modérateur, { $recipient } par personne. Au-delà de { $alone } à la fois, il faut un second modérateur.
pool-today = Attribué aujourd’hui : { $amount }
pool-line = { $actor } : { $amount }
audit-empty = Il n’y a rien ici.
audit-line = { $number }. { $when } { $actor } { $verb ->
    [ask] a demandé
    [approve] a approuvé
    [refuse] a refusé
    [revoke] a repris
   *[other] a attribué
} { $amount } pour { $target } : { $reason }
audit-line-pool = { $number }. { $when } { $actor } { $verb ->
    [fund] a ajouté à la cagnotte
   *[other] a déplacé
} { $amount } : { $reason }
audit-more = Plus ancien : /audit { $before }

## File d’attente
queue-empty = Vous n’avez aucune tâche en attente ou en cours.
queue-title = { $count ->
    [one] { $count } tâche :
   *[other] { $count } tâches :
}
queue-line = { $place }. { $operation } ({ $state ->
    [running] en cours
   *[other] en attente
}) { $words }

## Aide et informations
help-title = Ce que vous pouvez faire ici :
help-operation = /{ $command } : { $summary } ({ $credits ->
    [0] gratuit
    [one] { $credits } crédit par image
   *[other] { $credits } crédits par image
})
help-operation-from = /{ $command } : { $summary } (à partir de { $credits ->
    [one] { $credits } crédit
   *[other] { $credits } crédits
} par image)
help-operation-off = /{ $command } : { $summary } (indisponible : aucun fournisseur n’est configuré)
help-queue = /queue : vos tâches en attente ou en cours
help-cancel = /cancel : arrêter votre dernière tâche, ou toutes
help-balance = /balance : vos crédits
help-gallery = /gallery : toutes vos images : favoris, en supprimer ou télécharger plusieurs à la fois
help-history = /history : d’où viennent vos crédits et où ils sont allés
help-gift = /gift : donner des crédits achetés
help-redeem = /redeem : les crédits d’un code
help-buy = /buy : des crédits, /plans et /subscribe : les formules, /billing : les reçus
help-keys = /keys : vos propres clés chez les fournisseurs d’images
help-persona = /persona : des photos de vous, gardées pour des portraits
help-settings = /settings : votre modèle, format, nombre d’images et style habituels, votre langue, et qui voit vos résultats
help-styles = /styles : des styles pour vos images, et les vôtres
help-login = /login : un lien vers votre page dans le navigateur
help-models = /models : ce qui peut dessiner ici, pour quoi c’est bon et combien ça coûte
help-info = /info : version et limites
help-moderators = Pour les modérateurs : /grant, /revoke, /pool, /audit
help-tip-web = Tapez / pour voir les options d’une commande, ou déposez une image sur la page. Les boutons sous un résultat restent utilisables.
help-tip-discord = Faites un clic droit sur un message avec une image, puis Applications, pour la modifier ou en tirer les couleurs. Les boutons sous un résultat restent utilisables.
help-tip-telegram = Les options se placent après les mots : /imagine un renard --ratio 16:9 --count 2. Envoyez une image avec une commande en légende, ou répondez à une image par une commande.
info-title = Atelier { $version }, un atelier d’images pour la discussion.
info-model = { $model } : { $title }, { $credits ->
    [0] gratuit
    [one] { $credits } crédit par image
   *[other] { $credits } crédits par image
}
info-limits = Par personne, jusqu’à { $running } tâches à la fois et { $queued } de plus en attente.
info-made = Fait le { $when } (UTC)
info-pictures = { $count ->
    [one] Avec une image, à joindre de nouveau.
   *[other] Avec { $count } images, à joindre de nouveau.
}
info-parent = { $step ->
    [1] Elle vient de : { $line }
   *[other] Et celle-ci de : { $line }
}
models-title = Modèles pour /{ $operation } :
models-none = Rien ici ne peut faire /{ $operation } pour le moment.
models-suggestion = { $operation }
models-line = { $model } : { $title }, { $payer ->
    [key] avec votre propre clé{ $credits ->
        [0] {""}
        [one] {", "}{ $credits } crédit par image
       *[other] {", "}{ $credits } crédits par image
    }
   *[credits] { $credits ->
        [0] gratuit
        [one] { $credits } crédit par image
       *[other] { $credits } crédits par image
    }
}{ $good ->
    [none] {""}
   *[other] . Bon pour : { $good }
}{ $ends ->
    [none] {""}
   *[other] . Jusqu’au { $ends }
}

## Styles
styles-title = Styles : un de ces noms va dans l’option style de /imagine.
styles-shipped = Pour tout le monde : { $names }{ $more ->
    [0] {""}
   *[other] {" "}et { $more } de plus
}
styles-mine = À vous : { $names }{ $more ->
    [0] {""}
   *[other] {" "}et { $more } de plus
}
styles-community = De cette communauté : { $names }{ $more ->
    [0] {""}
   *[other] {" "}et { $more } de plus
}
styles-add-how = Gardez-en un à vous : /styles avec do add, un nom, et les mots qu’il ajoute à une description.
styles-title-mine = Vos styles :
styles-title-community = Les styles de cette communauté :
styles-none-mine = Vous n’avez pas encore de style à vous. Gardez-en un : /styles avec do add, un nom, et les mots qu’il ajoute à une description.
styles-none-community = Cette communauté n’a pas encore de style à elle. Ses modérateurs peuvent en garder : /styles avec do add et whose community.
style-line = { $style } : { $words }
style-negative = À exclure : { $words }
style-is-mine = Il est à vous.
style-is-community = Il est de cette communauté.
style-is-shipped = Tout le monde l’a.
style-added = { $replaced ->
    [yes] Le style { $style } a maintenant d’autres mots.
   *[no] Le style { $style } est gardé{ $whose ->
        [community] {" "}pour cette communauté
       *[mine] {""}
    }.
}
style-removed = Le style { $style } est oublié.
style-suggestion = { $style } : { $title }
made-in-style = Dans le style { $style }.

## Réglages
settings-title = Ce qui s’applique quand vous ne précisez rien :
settings-kept = C’est noté. Ce qui s’applique quand vous ne précisez rien :
settings-reset = Tout est oublié. Ce qui s’applique quand vous ne précisez rien :
settings-model = Modèle : { $model ->
    [none] le premier qui en est capable
   *[other] { $model }
}
settings-ratio = Format : { $ratio ->
    [none] comme d’habitude
   *[other] { $ratio }
}
settings-count = { $count ->
    [0] Images à la fois : comme d’habitude
    [one] Images à la fois : { $count }
   *[other] Images à la fois : { $count }
}
settings-style = Style : { $style ->
    [none] aucun
   *[other] { $style }
}
settings-answers = { $answers ->
    [private] Résultats là où d’autres lisent : visibles par vous uniquement
   *[public] Résultats là où d’autres lisent : visibles par tout le monde
}
settings-language = { $language ->
    [auto] Langue : celle de l’application où vous écrivez
    [en] Langue : anglais
    [es] Langue : espagnol
    [fr] Langue : français
   *[other] Langue : { $language }
}
settings-suggestion = { $ratio }

## La page
login = Voici votre page. Le lien fonctionne une seule fois, pendant { $minutes } minutes ; ne le partagez pas : qui l’ouvre devient vous.
login-already = Vous êtes connecté : voici votre page.
login-no-page = La page de cet Atelier n’est accessible que depuis la machine de l’opérateur. L’opérateur peut l’ouvrir en définissant PUBLIC_URL.
login-over = Ce lien a déjà servi ou a expiré. Demandez-en un nouveau au bot avec /login.
login-needed = Cette page est pour les personnes qui viennent de la discussion. Envoyez /login au bot sur Discord ou Telegram et ouvrez le lien qu’il vous donne.

## Ce qui peut ne pas aller dans une commande
command-unknown = La commande /{ $command } n’existe pas. /help montre ce qui existe.
button-unknown = Ce bouton appartient à quelque chose qui n’existe plus.
option-unknown = L’option { $option } n’existe pas. Options possibles : { $known }.
option-missing = Il manque { $option }. Ajoutez-le après la commande et réessayez.
option-not-number = { $option } doit être un nombre entier, et non « { $value } ».
option-not-decimal = { $option } doit être un nombre, et non « { $value } ».
option-out-of-range = { $option } doit aller de { $min } à { $max }, et non { $value }.
option-not-choice = Choix possibles pour { $option } : { $choices }. « { $value } » n’en fait pas partie.
option-too-long = { $option } est trop long : { $length } caractères, { $max } au plus. Raccourcissez et réessayez.
option-control-characters = { $option } contient des caractères inutilisables. Retapez-le.
option-not-image = { $option } doit être une image. Joignez-en une et réessayez.
image-missing = Il manque une image. Joignez-en une, ou répondez à une image, et réessayez.
illustrate-of-nothing = Dites de quoi il s’agit : un titre, une description, ou votre propre texte à dessiner.
expand-nothing = L’image a déjà le format { $ratio }. Choisissez-en un autre, ou un zoom arrière ou une direction.
region-where = Dites une seule fois où dessiner : une seconde image comme masque, un endroit en mots, ou un cadre.
region-box = Un cadre est fait de quatre nombres en pour cent, gauche, haut, droite et bas, comme 10, 20, 60, 80 ; pas « { $value } ».
background-one = Choisissez une seule chose parmi couleur, image et mots pour le nouvel arrière-plan.
option-not-colour = { $option } doit être une couleur, comme white ou #ffcc00, et non « { $value } ».
already-being-made = C’est déjà en cours. Le résultat apparaîtra dans son propre message.
too-few-images = Cette commande demande au moins { $min } images. Envoyez-les ensemble et réessayez.
too-many-images = { $max ->
    [0] Cette commande ne prend pas d’image.
    [one] Cette commande prend une seule image. N’en envoyez qu’une.
   *[other] Cette commande prend jusqu’à { $max } images. Envoyez-en moins.
}
model-unknown = Il n’y a pas de modèle « { $model } » ici. Modèles possibles : { $known }{ $more ->
    [0] .
   *[other] {" "}et { $more } de plus : /models { $operation }.
}
model-not-for = « { $model } » ne sait pas faire /{ $operation }. Modèles possibles : { $known }{ $more ->
    [0] .
   *[other] {" "}et { $more } de plus : /models { $operation }.
}
model-references = { $model } prend { $max ->
    [0] zéro image
    [one] une seule image
   *[other] jusqu’à { $max } images
}. Utilisez-en moins, ou un autre modèle.
model-references-few = { $model } a besoin { $min ->
    [one] d’une image
   *[other] d’au moins { $min } images
 } comme référence.
model-ratio = { $model } ne dessine qu’en { $choices }.
model-count = { $model } fait { $max ->
    [one] une seule image
   *[other] jusqu’à { $max } images
} à la fois.
styles-no-community = C’est pour les serveurs et les groupes. Ici, il n’y en a pas.
styles-too-many = Il y a de la place pour { $max } styles. Retirez-en un d’abord : /styles avec do remove.
style-name = Le nom d’un style a des lettres, des chiffres et des traits d’union, { $max } au plus.
style-none = Il n’y a pas de style « { $style } » à retirer là. /styles montre ce qu’il y a.
style-unknown = Il n’y a pas de style « { $style } ». /styles montre ce qu’il y a.
style-unknown-like = Il n’y a pas de style « { $style } ». Noms qui lui ressemblent : { $like }. /styles les montre tous.
no-provider = Rien ici ne peut faire { $operation } pour l’instant : aucun fournisseur n’est configuré. Prévenez l’opérateur.
no-own-key = Vous payez seulement avec vos propres clés, et aucune ne peut faire { $operation }. Ajoutez-en une, ou choisissez autrement : /keys.
no-own-key-model = Vous payez seulement avec vos propres clés, et aucune n’est pour « { $model } ». Ajoutez-en une, ou choisissez autrement : /keys.
own-key-off = Votre propre clé { $vendor } est désactivée, et vous n’avez pas permis aux crédits de payer à sa place. Rien n’a été lancé. Essayez-la, mettez-en une autre, ou choisissez autrement : /keys.
own-key-jobs-over = Vous avez lancé { $max } travaux avec vos propres clés ce mois-ci, le maximum du plan { $plan }. Voyez /plans, ou payez en crédits : /keys. Rien n’a été facturé.
too-many-jobs = Vous avez déjà { $max } tâches en attente ou en cours. Attendez qu’une se termine, ou arrêtez-en une avec /cancel. Rien n’a été débité.
too-many-an-hour = Vous avez lancé { $max } tâches { $operation } dans la dernière heure, le maximum de la formule { $plan }. Réessayez plus tard, ou voyez /plans. Rien n’a été débité.
paid-jobs-stopped = Les comptes des crédits ne tombent pas juste ici. L’opérateur est prévenu ; en attendant, seul ce qui est gratuit fonctionne. Rien n’a été débité.
not-yours = Ceci appartient à quelqu’un d’autre, qui seul peut le faire.
job-gone = Ce résultat n’existe plus.
job-ended = Cette tâche est déjà terminée.
job-running = Cette tâche est encore en cours. Arrêtez-la d’abord.
operation-gone = { $operation } n’est plus proposé.
model-gone = Le modèle { $model } n’est plus proposé. Rien n’est débité. Réessayez avec un autre.
internal-error = Quelque chose s’est mal passé de notre côté. Vous ne payez que les images réalisées. Réessayez ; si cela persiste, donnez ce numéro à l’opérateur : { $reference }.
option-not-person = { $option } doit être une personne : choisissez-la, nommez-la ou répondez-lui.
person-unknown = Je n’ai pas vu { $person } ici. Nommez quelqu’un qui m’a écrit, ou répondez à un de ses messages.
moderators-only = Seuls les modérateurs de cette communauté peuvent faire cela.
moderators-elsewhere = C’est pour les modérateurs, dans leur propre serveur ou groupe. Ici, il n’y en a pas.
target-bot = Les bots et les webhooks ne peuvent pas avoir de crédits. Choisissez une personne.
target-self = Vous ne pouvez pas vous attribuer des crédits. Demandez à un autre modérateur.
gift-self = Vous ne pouvez pas vous donner des crédits à vous-même.
gift-too-much = Vous pouvez donner { $has } crédits, pas { $needs } : on ne donne que ce qui a été acheté, et ce qui est réservé pour des tâches doit rester.
grant-moderator-limit = Un modérateur peut attribuer { $max } crédits par jour. Il vous en reste { $left } aujourd’hui.
grant-recipient-limit = Une personne peut recevoir { $max } crédits par jour. Il lui en reste { $left } aujourd’hui.
grant-anonymous = Au-delà de { $limit } crédits à la fois, il faut deux modérateurs que l’on peut distinguer. Désactivez « Rester anonyme » et réessayez.
grant-anonymous-to-moderator = Vous écrivez au nom du groupe et je ne peux pas savoir si ce n’est pas pour vous : c’est pour un administrateur. Désactivez « Rester anonyme » et réessayez.
grant-own = Un autre modérateur doit approuver : c’est vous qui l’avez demandé.
grant-for-oneself = Un autre modérateur doit approuver : c’est pour vous.
grant-decided = C’est déjà décidé.
grant-gone = Aucune attribution de ce genre n’attend dans cette communauté.
grant-unknown = Il n’y a pas d’attribution { $number } dans cette communauté. /audit les montre.
revoke-nothing = Il ne reste rien de l’attribution { $number } : elle est dépensée, réservée pour une tâche ou reprise.
pool-too-small = La cagnotte de cette communauté a { $has } crédits, pas { $needs }. Demandez à l’opérateur d’en ajouter.
coupon-unknown = Ce code n’existe pas. Vérifiez-le et réessayez.
coupon-used = Vous avez déjà utilisé ce code.
coupon-over = Ce code est épuisé ou n’est plus valable.
coupon-pool-empty = Il ne reste plus de crédits pour les codes. Dites-le à l’opérateur ; le code reste bon.
coupon-too-often = Trop de codes faux. Réessayez dans { $minutes } minutes.

## Ce qui peut ne pas aller dans une tâche
job-crashes = Cette tâche a échoué plusieurs fois et a été abandonnée. Rien n’est débité. Essayez d’autres mots ou une autre image.
storage-failed = Les images n’ont pas pu être enregistrées. Rien n’est débité. Prévenez l’opérateur.
provider-bad-key = { $model } n’a pas accepté la clé de l’opérateur. Rien n’est débité. Prévenez l’opérateur, ou choisissez un autre modèle.
provider-no-funds = { $model } n’a plus de fonds. Rien n’est débité. Prévenez l’opérateur, ou choisissez un autre modèle.
provider-rate-limited = { $model } a trop à faire en ce moment. Rien n’est débité. Réessayez dans une minute, ou choisissez un autre modèle.
provider-refused = { $model } a refusé à cause de ses règles de contenu. Rien n’est débité. Changez les mots ou l’image.
moderation-flagged = La modération d’ici a signalé ceci ({ $categories }) : aucun fournisseur n’a été sollicité. Rien n’est débité. Changez les mots ou l’image.
moderation-away = La modération qui regarde chaque demande ici est injoignable. Rien n’est débité. Réessayez plus tard.
provider-bad-input = { $model } n’a pas pu traiter cette demande. Rien n’est débité. Changez les mots ou l’image, ou choisissez un autre modèle.
provider-model-gone = { $model } n’est plus proposé par son fournisseur. Rien n’est débité. Choisissez un autre modèle.
provider-unavailable = { $model } est injoignable pour l’instant. Rien n’est débité. Réessayez plus tard, ou choisissez un autre modèle.
provider-unknown = { $model } : sa réponse n’est pas arrivée. Rien n’est débité. Réessayez plus tard, ou choisissez un autre modèle.
provider-no-picture = { $model } a renvoyé quelque chose qui n’est pas une image utilisable. Rien n’est débité. Réessayez.
own-key-bad = { $vendor } n’a pas accepté votre propre clé ; elle est désactivée. Aucun crédit utilisé. Mettez-en une autre : /keys.
own-key-no-funds = Votre propre compte chez { $vendor } n’a plus de fonds. Aucun crédit utilisé. Rechargez-le là-bas, ou payez en crédits : /keys.
own-key-rate-limited = { $vendor } n’accepte plus rien de votre propre clé pour le moment. Aucun crédit utilisé. Réessayez dans une minute.
own-key-unknown = { $model } : sa réponse n’est pas arrivée. Aucun crédit utilisé, mais votre propre compte a pu être débité, donc rien n’a été retenté. Vérifiez là-bas, puis réessayez.
own-key-no-picture = { $model } a renvoyé quelque chose qui n’est pas une image utilisable. Aucun crédit utilisé, mais votre propre compte a pu être débité.

## Telegram
telegram-question = { $what } : répondez à ce message.
telegram-told-privately = Je vous ai écrit en privé.
telegram-write-me = Cette réponse est pour vous seul. Ouvrez notre discussion privée, appuyez sur Démarrer, et je vous la donnerai là.
button-telegram-open = Ouvrir la discussion privée
telegram-picture-alone = Belle image. Répondez-y par une commande et je m’y mettrai : /edit fais-en une nuit, /palette, ou /imagine une affiche dans ce style. La prochaine fois, la commande peut être dans la légende.
telegram-words-alone = Commencez par une commande et je dessinerai : /imagine un renard roux dans la neige. /help montre tout.
telegram-anonymous = Vous écrivez au nom du groupe, je ne peux donc pas savoir qui vous êtes. Désactivez « Rester anonyme », ou écrivez-moi en privé.
telegram-anonymous-private = Cette réponse est pour un modérateur seul, et vous écrivez au nom du groupe. Désactivez « Rester anonyme » un instant et redemandez.
telegram-unsure = Telegram ne me dit pas si vous êtes administrateur ici. Réessayez dans un instant.
image-not-fetched = L’image n’a pas pu être récupérée depuis la discussion. Renvoyez-la.

## La page dans le navigateur
page-title = Atelier
page-hero = Que voulez-vous créer ?
page-hero-hint = Dites-le avec vos mots, tapez / pour tout le reste, ou déposez une image ici.
page-placeholder = Décrivez une image, ou tapez /
page-input = Vos mots
page-send = Envoyer
page-attach = Ajouter des images
page-drop = Déposez vos images ici
page-remove = Retirer { $name }
page-earlier = Plus ancien
page-latest = Retour au plus récent
page-sign-out = Se déconnecter
page-menu = Commandes et options
page-needed = nécessaire
page-range = { $min } à { $max }
page-sending = Envoi …
page-not-sent = L’envoi a échoué. Vos mots sont toujours là : réessayez.
page-lost = Reconnexion …
page-close = Fermer
page-picture = Image { $position }
page-preview = Un premier aperçu
page-dismiss = Retirer ce message
page-download = Télécharger { $name }
page-stale = Cette page a vieilli. Rechargez-la et recommencez.
page-elsewhere = Cette demande venait d’un autre site et n’a pas été exécutée.
page-host = Cet Atelier ne répond que sur cette machine, sous localhost ou 127.0.0.1.
page-too-large = C’est trop à la fois : { $files } fichiers et { $max_mb } Mo en tout, au plus.
page-busy = Trop de pages sont ouvertes à la fois. Fermez-en une, ou réessayez dans une minute.
page-refused = Cette demande n’a pas pu être comprise. Retournez à la page et réessayez.
page-not-found = Il n’y a rien ici.
page-back = Aller à la page
page-paid = Payé, merci. Revenez à la discussion : votre achat y sera dans un instant.
page-not-paid = Rien n’a été payé. Revenez à la discussion pour choisir à nouveau.
page-file-over = Ce lien a expiré ou est incomplet. Redemandez le fichier.
page-login-often = Trop de liens qui ne fonctionnent pas. Attendez une minute et réessayez.
page-example-1 = /imagine un renard roux dans la neige --ratio 16:9
page-example-2 = /imagine un phare au crépuscule, collage de papier --count 4
page-example-3 = /help

## Ce qui peut ne pas aller dans une image
image-empty = Le fichier est vide. Renvoyez l’image.
image-too-many-bytes = L’image fait { $size_mb } Mo ; { $max_mb } Mo au plus sont possibles. Enregistrez-la en plus petit, par exemple en JPEG.
image-too-large = L’image fait { $width } × { $height } pixels ; au plus { $side_max } par côté et { $pixels_max_mp } mégapixels en tout sont possibles. Réduisez-la et renvoyez-la.
image-not-a-picture = Ce fichier n’est pas une image lisible ici. Envoyez l’un de ces formats : { $formats }.
image-broken = L’image est abîmée ou incomplète. Ouvrez-la, enregistrez-la de nouveau et envoyez le nouveau fichier.
image-too-heavy = Ouvrir cette image demande trop de mémoire ou de temps. Enregistrez-la en plus petit, ou en simple JPEG ou PNG.
upscale-too-large = Agrandie, l’image ferait { $width } × { $height } pixels ; au plus { $side_max } par côté et { $pixels_max_mp } mégapixels en tout sont possibles. Choisissez un facteur plus petit, ou une image plus petite.
denoise-too-large = L’image fait { $width } × { $height } pixels ; le bruit ne peut être retiré que jusqu’à { $pixels_max_mp } mégapixels. Envoyez une image plus petite, ou gardez le bruit.
mask-empty = Rien n’est marqué. Peignez sur l’endroit à changer, et renvoyez l’image.
mask-everything = Tout est marqué, il ne resterait donc rien. Ne marquez que l’endroit à changer.
mask-other-shape = Le masque fait { $mask_width } × { $mask_height } pixels et l’image { $width } × { $height } : leurs formes diffèrent. Faites le masque à partir de l’image entière, sans la recadrer.
mask-not-of-picture = La seconde image n’est ni un masque ni la première image peinte. Peignez sur une copie de la première image, ou envoyez un masque où le blanc est ce qui doit changer.
cutout-not-cut = Cette image n’a pas de fond transparent, rien ne peut donc être placé derrière. Retirez d’abord son fond.
crop-no-face = Je ne trouve aucun visage sur cette image. Mettez --focus auto, ou envoyez-en une autre.
palette-only-neutral = Il n’y a ici que des gris, du noir et du blanc. Ajoutez --neutral yes pour les voir.
palette-transparent = L’image est entièrement transparente, elle n’a donc pas de couleurs. Envoyez-en une autre.
images-busy = Trop d’images attendent. Réessayez dans une minute.

## Paiements
payment-credited = Payé, merci : { $credits ->
    [one] 1 crédit ajouté
   *[other] { $credits } crédits ajoutés
}, vous en avez maintenant { $left }.
payment-restored = { $credits ->
    [one] 1 crédit vous a été rendu
   *[other] { $credits } crédits vous ont été rendus
}, vous en avez maintenant { $left }.
payment-refund = Un paiement a été remboursé : { $credits ->
    [one] 1 crédit a été repris
   *[other] { $credits } crédits ont été repris
}, vous en avez maintenant { $left }.
payment-dispute = Votre banque conteste un paiement : jusqu’au règlement, { $credits ->
    [one] son crédit est repris
   *[other] ses { $credits } crédits sont repris
}. Vous en avez maintenant { $left }.
payment-held = Un paiement de votre part ne correspond pas à ce qui a été demandé : rien n’a été ajouté. L’opérateur est prévenu ; écrivez-lui par /paysupport en donnant ce numéro : { $id }.
payment-terms = Conditions : { $operator }
pack-unknown = Il n’y a pas de lot « { $pack } » ici. Lots : { $known }.
stars-which = Quel lot ? Vous payez en Telegram Stars, et les crédits sont ajoutés aussitôt. Aide pour un paiement : /paysupport
stars-invoice = { $credits ->
    [one] 1 crédit
   *[other] { $credits } crédits
} pour ce bot, ajoutés dès que vous avez payé. Pour vous seul : personne d’autre ne peut payer cette facture.
stars-sent = Voici votre facture.
stars-none = Rien n’est vendu ici contre des Telegram Stars.
stars-unknown = Cette facture est inconnue ici. Rien n’a été pris. Demandez-en une autre avec /stars.
stars-not-yours = Cette facture est celle de quelqu’un d’autre. Rien n’a été pris. Demandez la vôtre avec /stars.
stars-old = Cette facture a plus d’un jour. Rien n’a été pris. Demandez-en une autre avec /stars.
stars-changed = Ce lot a changé depuis. Rien n’a été pris. Demandez une autre facture avec /stars.
stars-paid = Cette facture est déjà payée. Rien n’a été pris à nouveau. Pour plus de crédits, demandez-en une autre avec /stars.
stars-busy = Impossible de vérifier pour l’instant. Rien n’a été pris. Réessayez dans une minute.
paysupport = Aide pour un paiement : { $operator }
paysupport-operator = Aide pour un paiement : écrivez à la personne qui gère ce bot, avec le numéro du paiement.
paysupport-payments = { $count ->
    [0] Vous n’avez encore rien payé.
    [one] Votre dernier paiement :
   *[other] Vos { $count } derniers paiements :
}
paysupport-payment = { $date } · { $item } · { $credits ->
    [0] aucun crédit, ou repris
    [one] 1 crédit
   *[other] { $credits } crédits
} · { $id }
premium = Des crédits vendus par Discord : choisissez, Discord demande le paiement, et les crédits sont ajoutés aussitôt. Aide pour un paiement : /paysupport
premium-none = Rien n’est vendu ici par Discord.
till-failed = { $till } est injoignable pour le moment. Rien n’a été débité. Réessayez dans quelques minutes.

## Les crédits en détail
balance-expires = { $credits ->
    [one] 1 d’entre eux expire
   *[other] { $credits } d’entre eux expirent
} le { $date } ({ $source ->
    [plan] de votre formule
    [grant] accordés par la modération
    [operator] de l’opérateur
    [coupon] d’un coupon
    [signup] de bienvenue
   *[other] achetés
}).
balance-here = { $credits ->
    [one] 1 crédit de plus ne vaut
   *[other] { $credits } crédits de plus ne valent
} que dans cette communauté, et s’y dépense en premier.
balance-elsewhere = { $credits ->
    [one] 1 crédit de plus ne vaut
   *[other] { $credits } crédits de plus ne valent
} que dans { $community }.
balance-month = Formule : { $plan }. Utilisés ce mois-ci : { $used }. Votre prochain mois commence le { $date }.
balance-plan-left = Il reste { $left } des { $credits } crédits mensuels de la formule.
balance-low = Vos crédits sont passés sous la limite que vous avez fixée. /{ $command } montre ce qui reste.
notify-set = { $below ->
    [0] Vous ne serez pas prévenu quand vos crédits s’épuisent.
   *[other] Vous serez prévenu une fois quand vous aurez moins de { $below } crédits.
}
history-title = Vos derniers mouvements de crédits, du plus récent au plus ancien :
history-further = Plus anciens :
history-empty = Il ne s’est encore rien passé avec vos crédits.
history-file = Tous les mouvements de vos crédits dans un fichier CSV :
history-line = { $date }  { $change }  { $kind ->
    [spend] utilisés pour { $note }
    [signup] de bienvenue
    [grant] accordés par la modération : { $note }
    [revoke] une attribution reprise : { $note }
    [operator] de l’opérateur { $note }
    [pack] achetés : { $note }
    [plan] les crédits du mois : { $note }
    [gift] un cadeau { $note }
    [coupon] un coupon utilisé
    [refund] un paiement remboursé : { $note }
    [dispute] un paiement contesté : { $note }
    [restore] rendus : { $note }
    [expire] expirés
    [link] déplacés avec un compte lié
   *[other] { $kind } { $note }
}
button-history = Plus anciens
button-file = Télécharger

## La galerie
gallery-title = { $show ->
    [favourites] Vos favoris, les plus récents d’abord :
    [operation] Ce que /{ $name } a fait pour vous, le plus récent d’abord :
    [persona] Vos images de { $name }, les plus récentes d’abord :
   *[newest] Vos images, les plus récentes d’abord :
}
gallery-line = { $place }. { $star ->
    [yes] ★{" "}
   *[no] {""}
}{ $words } ({ $operation }, { $date })
gallery-empty = { $show ->
    [favourites] Vous n’avez pas encore de favoris. Ouvrez une image dans /gallery et appuyez sur Favori.
    [operation] Rien de ce que /{ $name } a fait n’est dans votre galerie.
    [persona] Il n’y a pas d’images de { $name } dans votre galerie.
   *[newest] Votre galerie est vide. Ce que vous faites arrive ici : commencez par /imagine un renard roux dans la neige
}
gallery-files-gone = Non montrées, car leurs fichiers n’existent plus : { $numbers }
gallery-file-gone = Le fichier de cette image n’existe plus.
gallery-place-gone = Il ne reste rien de cela dans votre galerie. /gallery montre le reste.
gallery-made = Fait avec /{ $operation }{ $model ->
    [none] {""}
   *[other] , { $model }
} le { $date }. { $width } × { $height } pixels.
gallery-persona = Persona : { $persona }
gallery-downloads = { $count ->
    [one] Téléchargée { $count } fois.
   *[other] Téléchargée { $count } fois.
}
gallery-suggestion = { $name }
gallery-numbers = Dites les numéros des images de la page, de 1 à { $max }, par exemple 1 3 5 ou 2-4, ou : all (toutes). Pas « { $value } ».
gallery-changed = Votre galerie a changé depuis que cette page a été faite : ses numéros pourraient désigner d’autres images. Rien n’a été supprimé. Rouvrez-la avec /gallery.
gallery-delete-ask = { $count ->
    [1] Supprimer cette image
   *[other] Supprimer ces { $count } images
}{ $favourites ->
    [0] {""}
    [1] , dont une favorite
   *[other] , dont { $favourites } favorites
} ? Elles ne peuvent pas revenir. Rien ne se passe tant que vous ne dites pas oui.
gallery-delete-left = { $count ->
    [1] Il y en a encore 1, plus ancienne : elle n’en fait pas partie, car on ne peut pas en supprimer autant à la fois.
   *[other] Il y en a encore { $count }, plus anciennes : elles n’en font pas partie, car on ne peut pas en supprimer autant à la fois.
}
gallery-question-over = Cette question est close, ou ne vous a pas été posée. /gallery montre vos images.
gallery-deleted = { $count ->
    [one] { $count } image supprimée.
   *[other] { $count } images supprimées.
}
gallery-deleted-before = Ces images n’existent déjà plus.
gallery-messages-stay = { $count ->
    [1] Un résultat garde d’autres images : son message dans la discussion reste comme il était.
   *[other] { $count } résultats gardent d’autres images : leurs messages dans la discussion restent comme ils étaient.
}
gallery-running-left = { $count ->
    [1] Une de vos tâches attend ou tourne encore et a été laissée : /cancel l’arrête.
   *[other] { $count } de vos tâches attendent ou tournent encore et ont été laissées : /cancel les arrête.
}
gallery-zip = { $count ->
    [1] 1 image, et un tableau de ce dont elle est faite :
   *[other] { $count } images, et un tableau de ce dont chacune est faite :
}
gallery-zip-left = { $count ->
    [1] 1 image plus ancienne manque, car cette discussion ne prend pas de fichier plus grand. Ouvrez-la et appuyez sur Original.
   *[other] { $count } images plus anciennes manquent, car cette discussion ne prend pas de fichier plus grand. Ouvrez-en une et appuyez sur Original.
}
gallery-zip-left-page = { $count ->
    [1] 1 image plus ancienne manque, car cette discussion ne prend pas de fichier plus grand. Tout en un fichier : { $url } (/login vous y fait entrer)
   *[other] { $count } images plus anciennes manquent, car cette discussion ne prend pas de fichier plus grand. Tout en un fichier : { $url } (/login vous y fait entrer)
}
gallery-zip-too-large = Même la plus récente des images est à elle seule un fichier trop grand pour cette discussion. Ouvrez-en une et appuyez sur Original.
gallery-zip-too-large-page = Même la plus récente des images est à elle seule un fichier trop grand pour cette discussion. Tout en un fichier : { $url } (/login vous y fait entrer)
gallery-zip-here = Toutes ces images en un fichier, avec un tableau de ce dont chacune est faite :
favourite-added = ★ Cette image fait maintenant partie de vos favoris.
favourite-removed = Cette image ne fait plus partie de vos favoris.
button-gallery = Ouvrir ma galerie
button-gallery-delete = En supprimer plusieurs
button-gallery-delete-yes = Oui, supprimer
button-gallery-download = Tout télécharger
button-open = Ouvrir
button-open-numbered = Ouvrir { $position }
button-open-parent = D’où elle vient
button-favourite = Favori
button-favourite-numbered = Favori { $position }
button-original-numbered = Original { $position }
button-delete-numbered = Supprimer { $position }

## La galerie dans le navigateur
gallery-page-title = Galerie
gallery-page-newest = Récentes
gallery-page-favourites = Favoris
gallery-page-filter = Ce qui est montré
gallery-page-select = Choisir : { $words }
gallery-page-star = Favori : { $words }
gallery-page-view = Taille réelle
gallery-page-details = Tout sur elle
gallery-page-more = Plus anciennes
gallery-page-back = Plus récentes
gallery-page-delete = Supprimer
gallery-page-zip = Télécharger
gallery-page-zip-all = Tout télécharger
gallery-page-delete-all = Tout supprimer
gallery-page-clear = Ne rien choisir
gallery-page-chosen = Choisies : { $count }
gallery-page-none = Rien n’était choisi.
gallery-page-keep = Les garder
gallery-page-parameters = Ce dont elle est faite
gallery-page-all = Tout choisir
gallery-page-zips = Vos derniers téléchargements ne sont pas finis. Attendez la fin de l’un d’eux, puis réessayez.
gallery-page-next = Image suivante
gallery-page-previous = Image précédente

## Lier des comptes
link-code = Tapez ceci sur l’autre plateforme dans les { $minutes } minutes : /link { $code }. Ce qui s’y trouve vient ici : crédits, formule et résultats. Ne montrez ce code à personne.
link-ask = Ce compte doit-il rejoindre celui de { $account } ? { $credits ->
    [one] 1 crédit y va
   *[other] { $credits } crédits y vont
}, avec la formule, tous les résultats et tous les personas, et qui détient ce compte les a alors. Ne dites oui que s’il est à vous. Vous avez { $minutes } minutes.
link-left = Rien n’a changé : les deux comptes restent comme ils sont.
link-over = Cette question est close, ou ne vous a pas été posée. Envoyez /link sur l’autre plateforme pour avoir un nouveau code.
link-done = Les deux comptes n’en font plus qu’un : { $credits ->
    [one] 1 crédit est venu
   *[other] { $credits } crédits sont venus
}, avec les résultats et la formule. (Lien { $link })
link-bonus = Les crédits de bienvenue ne s’obtiennent qu’une fois : { $credits } sont repartis.
link-code-wrong = Ce code est faux ou expiré. Envoyez /link sur l’autre plateforme pour en avoir un nouveau.
link-same = C’est déjà un seul compte. Tapez le code sur l’autre plateforme.
link-busy = Une de vos tâches attend ou tourne encore. Laissez-la finir, ou arrêtez-la avec /cancel, puis réessayez.
link-two-plans = Les deux comptes ont une formule payée. Terminez d’abord l’une d’elles avec /billing.
link-gone = Ce lien n’existe pas.
link-newer = Ce compte a depuis rejoint un autre compte. Annulez d’abord ce lien plus récent.

## Plans
plan-subscribed = Cette personne paie la formule { $plan } chez { $till }. Elle doit y prendre fin avant qu’une autre puisse être donnée.
plan-unknown = Il n’y a pas de formule { $plan }. Formules : { $known }.
stars-pack = { $title }: { $stars } ⭐
plan-credited = Payé, merci : votre formule { $item } apporte { $credits ->
    [1] 1 crédit
   *[other] { $credits } crédits
} ce mois-ci. Vous en avez { $left } maintenant.
plan-begun = Payé, merci : vous avez maintenant la formule { $item }. /plans montre ce qu’elle apporte.
plan-past-due = Votre formule { $item } n’a pas pu être payée : la carte a été refusée. Elle continue quelques jours ; /billing mène à la page où changer de carte.
plan-ended = Votre formule { $item } a pris fin. /plans montre ce qui est proposé.
payment-failed = Le paiement de { $item } n’a pas abouti. Rien n’a été crédité. Réessayez avec /buy, peut-être par un autre moyen.
card-refused = La carte a été refusée, rien n’a donc changé. /billing mène à la page où en utiliser une autre.
shop-closed = Rien n’est en vente ici. L’opérateur peut vous donner des crédits.
buy-title = Crédits :
buy-pack = { $place }. { $title } : { $price } (/buy { $item })
buy-link = { $title } pour { $price } : payez sur la page suivante. Les crédits arrivent d’eux-mêmes, et je le dirai ici. Le lien est à vous seul et vaut un jour.
subscribe-link = La formule { $title } pour { $price } par mois : payez sur la page suivante. Elle commence d’elle-même, et je le dirai ici. Le lien est à vous seul et vaut un jour.
plan-changed = Vous avez désormais la formule { $title }, pour { $price } par mois. Le reste de ce mois est réglé tout de suite ; les crédits viennent pour ce que vous payez.
plan-lowered = Vous avez désormais la formule { $title }, pour { $price } par mois dès le mois prochain. Les crédits de ce mois vous restent ; rien n’est remboursé.
plan-already = Vous avez déjà la formule { $plan }.
plan-on-request = La formule { $plan } est sur demande : écrivez à l’opérateur.
plan-yours = Votre formule : { $title }.
plan-yours-renews = Votre formule : { $title }, jusqu’au { $until }, puis elle est renouvelée.
plan-yours-ends = Votre formule : { $title }, jusqu’au { $until }, puis elle prend fin.
plan-yours-past-due = Votre formule : { $title }. Elle n’a pas pu être payée : changez de carte avec /billing.
plan-line = { $title } : { $sold ->
    [free] gratuit
    [request] sur demande
   *[other] { $price } par mois
}{ $credits ->
    [0] {""}
    [one] , { $credits } crédit par mois
   *[other] , { $credits } crédits par mois
}, { $running } tâches à la fois et { $queued } en attente.
billing = Vos reçus, votre carte et votre abonnement sont sur cette page. Le lien est à vous seul.
billing-none = Vous n’avez encore rien acheté. /buy montre ce qui est proposé.
payment-unknown = Il n’y a pas de paiement { $payment } ici, ou sa caisse n’est pas configurée.
offer = { $title }: { $price }

## Clés personnelles
key-malformed = Ceci ne ressemble pas à une clé { $vendor } : des lettres, des chiffres et des signes sans espaces, de 12 à 512. Rien n’a été gardé.
key-refused = { $vendor } n’accepte pas cette clé. Vérifiez qu’elle est entière et encore valable là-bas, ou créez-en une nouvelle.
key-not-tried = Il n’a pas été possible de demander à { $vendor } si cette clé est bonne, donc rien n’a changé. Réessayez dans un moment.
keys-too-many = Votre formule { $limit ->
    [0] ne permet pas de clés personnelles
    [one] permet une clé personnelle
   *[other] permet { $limit } clés personnelles
}. /plans montre ce que les autres permettent ; /keys remove fait de la place.
keys-unreadable = Vos clés ne peuvent plus être ouvertes ici : la clé maîtresse du lieu est une autre. Prévenez l’opérateur. Pour continuer sans attendre, retirez vos clés et saisissez-les de nouveau.
key-none = Vous n’avez pas de clé pour { $vendor } ici.
key-off = Votre clé pour { $vendor } est désactivée. /keys test l’essaie de nouveau.
key-ticket-over = Ce lien est terminé, ou il a servi. Demandez-en un nouveau avec /keys add.
key-switched-off = Votre clé pour { $vendor } qui finit par { $last4 } est désactivée : { $reason ->
    [bad-key] { $vendor } ne l’accepte plus
   *[other] elle n’a pas pu servir
}. /keys add en prend une nouvelle, /keys test essaie celle-ci de nouveau.
keys-vendor = { $vendor }
keys-nowhere = Personne n’accepte de clés personnelles ici : aucun des fournisseurs d’images de cet Atelier.
keys-none = Vous n’avez pas de clé personnelle ici. Avec une clé, son fournisseur vous facture directement vos images, et elles ne coûtent pas de crédits. Fournisseurs : { $vendors }. /keys add en prend une.
keys-none-yet = Vous n’avez pas de clé personnelle ici. /keys add en prend une.
keys-which = Laquelle ?
key-line = { $vendor }, clé finissant par { $last4 } : { $state ->
    [active] fonctionne
   *[off] désactivée, { $reason ->
        [bad-key] { $vendor } ne l’accepte plus
       *[other] elle n’a pas pu servir
    }
}. Dernier succès : { $date }. { $used ->
    [0] Pas utilisée ce mois-ci.
    [one] Utilisée { $used } fois ce mois-ci.
   *[other] Utilisée { $used } fois ce mois-ci.
}
keys-prefer = { $prefer ->
    [credits] Les crédits paient d’abord, et votre clé là où ils ne suffisent pas.
    [only] Seules vos clés paient, jamais vos crédits.
   *[own] { $fallback ->
        [yes] Votre clé paie d’abord, et vos crédits là où elle ne le peut pas.
       *[no] Votre clé paie d’abord ; là où elle ne le peut pas, vos crédits ne la remplacent pas.
    }
} Pour changer : /keys prefer
keys-prefer-how = « own » : votre clé d’abord. « credits » : les crédits d’abord. « only » : jamais de crédits. Avec « fallback yes », les crédits peuvent payer là où votre clé ne le peut pas.
keys-add-window = Choisissez de qui est la clé : une fenêtre s’ouvre pour elle, que personne d’autre ne voit. N’écrivez jamais une clé dans la discussion.
keys-add-link = Saisissez la clé sur cette page, jamais dans la discussion. Le lien fonctionne pour une clé, pendant { $minutes } minutes ; ne le partagez pas : qui l’ouvre met une clé dans votre compte.
keys-add-here = Les clés se saisissent sur une page à part, jamais ici.
keys-no-page = Les clés se saisissent sur la page, qui n’est accessible ici que depuis la machine de l’opérateur. L’opérateur peut l’ouvrir en donnant à PUBLIC_URL une adresse https.
keys-page-not-safe = Aucune clé ne peut être saisie sur la page de cet Atelier : on y accède sans https, et d’autres pourraient la lire en chemin. L’opérateur doit donner à PUBLIC_URL une adresse https.
key-added = Votre clé pour { $vendor } qui finit par { $last4 } fonctionne et est gardée, scellée{ $replaced ->
    [yes] , à la place de la précédente
   *[no] {""}
}.
key-works = Votre clé pour { $vendor } fonctionne.
key-models = Elle donne accès là-bas à { $count ->
    [0] aucun modèle
    [one] un modèle
   *[other] { $count } modèles
}.
key-funds = Reste chez { $vendor } : { $funds }
key-no-funds = Il n’y a plus d’argent chez { $vendor } : ajoutez-en là-bas, sinon elle ne fera pas d’images.
key-removed = Votre clé pour { $vendor } est oubliée ici. Chez { $vendor }, elle existe encore : si rien d’autre ne s’en sert, révoquez-la là-bas.
key-pasted = Il y avait une clé { $vendor } dans ce que vous avez écrit. Elle n’a pas servi, rien n’a été débité, et rien n’en a été gardé. Mais elle a été dans une discussion : révoquez-la sur { $url }, créez-en une nouvelle là-bas, et saisissez-la avec /keys add.
key-pasted-deleted = J’ai supprimé votre message.
key-pasted-stands = Je n’ai pas pu supprimer votre message : supprimez-le vous-même.

## La page où saisir une clé
keys-page-title = Votre propre clé
keys-page-lead = Elle sera utilisée par { $account } : les images faites avec elle sont payées au fournisseur, par vous. Si ce n’est pas vous, ne saisissez rien ici.
keys-page-whose = De qui est la clé ?
keys-page-get = Obtenir une clé
keys-page-key = La clé
keys-page-send = L’essayer et la garder
keys-page-kept = Elle est essayée une fois, sans frais, puis gardée scellée (chiffrée) et ouverte pour une image à la fois. Personne ne peut la revoir, vous non plus. /keys remove l’oublie.
keys-page-once = Ce lien fonctionne pour une clé. Si une clé n’est pas bonne, corrigez-la ici.
keys-too-often = Trop de clés ont été essayées. Attendez une minute et réessayez.
keys-page-done = C’est fait
keys-page-close = Vous pouvez fermer cette page. /keys montre vos clés.

## Personas
persona-ask = « { $persona } », { $count ->
    [one] une photo
   *[other] { $count } photos
} : rien n’est gardé avant votre accord.
persona-ask-use = Avec votre oui, elles sont examinées ici, pour y trouver un visage bien visible, et gardées jusqu’à ce que vous les retiriez avec /persona remove { $persona }. Pour chaque portrait que vous demandez, elles sont envoyées au fournisseur d’images qui le dessine.
persona-ask-moderated = Avant qu’il dessine, elles sont aussi montrées à la modération que l’opérateur a choisie.
persona-ask-whose = Elles doivent vous montrer, vous ou une personne qui a donné son accord. Aucun autre utilisateur ne les voit ni ne s’en sert ; elles sont dans le stockage de qui fait tourner cet Atelier.
persona-ask-keep = « Non » les supprime aussitôt. Sans réponse dans les { $minutes } minutes, elles sont supprimées aussi.
persona-ready = « { $persona } » est prêt, avec { $count ->
    [one] une photo
   *[other] { $count } photos
}.
persona-failed = « { $persona } » ne peut pas servir : toutes les photos ne conviennent pas, et aucune n’a été gardée.
persona-checking = « { $persona } » est en cours d’examen. Redemandez dans un instant.
persona-photo = Photo { $position } : { $reason ->
    [no-face] aucun visage n’est trouvé. Prenez-en une qui montre le visage de face, bien éclairé.
    [several-faces] il y a plusieurs visages. Prenez-en une d’une seule personne.
    [too-small] elle est trop petite, ou le visage l’est. Approchez-vous, ou envoyez une image plus grande.
    [too-blurred] elle est floue. Prenez-en une nette.
    [gone] son fichier a disparu. Envoyez-la de nouveau.
   *[other] elle ne peut pas être lue. Enregistrez-la de nouveau en JPEG ou PNG.
}
persona-again = Envoyez-les toutes de nouveau, avec de meilleures à leur place : /persona create { $persona }
persona-line = { $persona } : { $state ->
    [ready] prêt, { $count ->
        [one] une photo
       *[other] { $count } photos
    }
    [failed] ne peut pas servir, ses photos ne convenaient pas
    [asked] attend votre oui
   *[checking] en cours d’examen
}
persona-name = { $persona }
persona-which = Lequel ?
personas-none = Vous n’avez pas encore de persona. Envoyez 1 à { $max } photos d’une personne avec /persona create et un nom.
persona-refused = Les photos sont supprimées, rien n’a été gardé.
persona-removed = « { $persona } » est retiré, et ses photos sont supprimées.
persona-unknown = Vous n’avez pas de persona « { $persona } ». /persona montre les vôtres.
persona-over = C’est terminé : personne n’a donné son accord à temps, ou il a été retiré. /persona montre ce que vous avez.
persona-agreed = Vous avez déjà donné votre accord. Pour supprimer les photos : /persona remove { $persona }
persona-name-taken = Vous avez déjà un persona « { $persona } ». Choisissez un autre nom, ou retirez d’abord celui-là : /persona remove { $persona }
personas-too-many = Vous avez { $limit } personas, le maximum possible. Retirez-en un d’abord : /persona remove
persona-not-ready = « { $persona } » ne peut pas encore servir : { $state ->
    [asked] vous n’avez pas donné votre accord à ses photos
    [checking] ses photos sont en cours d’examen
   *[failed] ses photos ne convenaient pas
}. Rien n’a été facturé. Voyez /persona show { $persona }
persona-not-checked = Les photos ne peuvent pas être examinées pour le moment. Appuyez de nouveau dans une minute.
persona-draw = Dessinez-le avec /portrait { $persona }, ou par le bouton.
persona-gone = Le persona « { $persona } » a été retiré ; il ne peut pas être dessiné. Rien n’est débité.
did-portrait = Un portrait d’après { $photos ->
    [one] une photo
   *[other] { $photos } photos
}.
